#include "pipeline/ledger_shelf.hpp"

#include "core/base/ascii.hpp"
#include "core/ledger/ledger.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_formats.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "pipeline/report/job_standing.hpp"
#include "pipeline/report/utc_text.hpp"
#include "pipeline/successor_ledger.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace sluice {

namespace {

namespace fs = std::filesystem;
using kind = shelved_ledger::kind;

/// The time it was set aside, taken from its name; 0 if the name has no time.
int64_t seconds_in_name(const fs::path& file) {
  constexpr size_t most_digits = 11;
  auto stamp = file.stem().extension().native();
  auto digits = std::string_view{stamp}.substr(1);
  digits = digits.substr(0, digits.find('-'));
  return digits.size() > most_digits ? 0
                                     : read_number<int64_t>(digits).value_or(0);
}

int64_t seconds_of_change(const fs::path& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 ? found.st_mtime : 0;
}

std::optional<shelved_ledger>
recognise(const fs::path& file, const fs::path& own) {
  shelved_ledger result;
  result.file = file;
  if (file == own)
    return result;
  if (successor_ledger::is_left(file)
      && file.stem().stem().native() == own.filename().native()) {
    result.as = kind::set_aside;
    result.since_s = seconds_in_name(file);
    return result;
  }
  for (auto format = earliest_ledger_format; format <= ledger_format; ++format)
    if (file == copy_of_format(own, format)) {
      result.as = kind::copy;
      result.since_s = seconds_of_change(file);
      return result;
    }
  return std::nullopt;
}

caf::error read_into(shelved_ledger& result, const settings& config) {
  auto store = attach_ledger(result.file);
  if (!store)
    return store.error();
  auto id = (*store)->job_id();
  if (!id)
    return id.error();
  result.job_id = *id;
  auto changes = (*store)->changes();
  if (!changes)
    return changes.error();
  result.changes = *changes;
  auto now = standing_of(**store);
  if (!now)
    return now.error();
  result.standing = now->text();
  auto left = left_behind(**store, config);
  if (!left)
    return left.error();
  result.left = *left;
  return {};
}

std::string label_of(const shelved_ledger& ledger) {
  if (ledger.as == kind::own)
    return "the job's own";
  auto time = ledger.since_s > 0 ? utc_minute(ledger.since_s * 1'000)
                                 : std::string{"an unknown time"};
  return (ledger.as == kind::set_aside ? "set aside on " : "a copy of ") + time;
}

/// Finds copies of the job's own ledger that are named as if set aside.
void find_twins(std::vector<shelved_ledger>& all) {
  for (auto& own : all)
    for (auto& other : all)
      if (own.as == kind::own && other.as == kind::set_aside && !own.unreadable
          && !other.unreadable && other.job_id == own.job_id) {
        other.as = kind::twin;
        other.since_s = seconds_of_change(other.file);
      }
}

/// Whether another ledger of its job has everything that `copy` has.
bool has_gone_on(const shelved_ledger& copy,
                 const std::vector<shelved_ledger>& all) {
  return std::any_of(all.begin(), all.end(), [&](auto& other) {
    return other.as != kind::copy && !other.unreadable
           && other.job_id == copy.job_id
           && (copy.left.empty()
               || (copy.changes > 0 && other.changes > copy.changes));
  });
}

std::string why_kept(const shelved_ledger& ledger,
                     const std::vector<shelved_ledger>& all,
                     const prune_options& options) {
  if (auto why = sluice::why_kept(ledger, all); !why.empty())
    if (!options.all || ledger.as == kind::own || ledger.unreadable)
      return why;
  return options.older_than && ledger.since_s >= *options.older_than
           ? label_of(ledger) + ", which is too recent"
           : "";
}

/// The lock suffices: no process has the file open under another name.
caf::error remove(const shelved_ledger& ledger) {
  auto lock = ledger_lock::take(ledger.file);
  if (!lock)
    return lock.error();
  if (auto failed = remove_ledger_files(ledger.file))
    return make_error(ec::disk, in_quotes(ledger.file.native())
                                  + " cannot be removed: " + failed.message());
  return {};
}

} // namespace

caf::expected<std::vector<shelved_ledger>> read_shelf(const settings& config) {
  auto own = ledger_lock::one_name_of(config.ledger);
  std::error_code failed;
  fs::directory_iterator entries{own.parent_path(), failed};
  std::vector<shelved_ledger> result;
  for (; !failed && entries != fs::directory_iterator{};
       entries.increment(failed))
    if (auto found = recognise(entries->path(), own)) {
      found->unreadable = read_into(*found, config);
      result.push_back(std::move(*found));
    }
  if (failed)
    return make_error(ec::disk, "the folder "
                                  + in_quotes(own.parent_path().native())
                                  + " cannot be read: " + failed.message());
  find_twins(result);
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) {
    return std::pair{a.since_s, a.file} < std::pair{b.since_s, b.file};
  });
  return result;
}

std::string
why_kept(const shelved_ledger& ledger, const std::vector<shelved_ledger>& all) {
  if (ledger.as == kind::own)
    return "it is the job's own";
  if (ledger.unreadable)
    return "it cannot be read: " + what_of(ledger.unreadable);
  if (ledger.as == kind::set_aside)
    return ledger.left.empty()
             ? ""
             : "some runs are, or may be, paid for but not delivered";
  if (ledger.as == kind::twin)
    return "it is a copy of the job's own ledger";
  return has_gone_on(ledger, all)
           ? ""
           : "no other ledger here is known to have everything it has";
}

std::string shelf_text(const std::vector<shelved_ledger>& all) {
  std::string text;
  for (auto& ledger : all) {
    text += printable(ledger.file.native()) + ": " + label_of(ledger) + "; ";
    if (ledger.unreadable)
      text += "it cannot be read: " + what_of(ledger.unreadable) + "\n";
    else
      text += ledger.standing
              + (ledger.left.empty() ? "; nothing is left behind\n"
                                     : "; not delivered:\n")
              + ledger.left;
  }
  return text.empty() ? "There is no ledger yet.\n" : text;
}

caf::expected<std::string> prune_shelf(const std::vector<shelved_ledger>& all,
                                       const prune_options& options) {
  std::string text;
  auto is_all_done = true;
  for (auto& ledger : all) {
    text += printable(ledger.file.native()) + ": ";
    auto kept = why_kept(ledger, all, options);
    if (kept.empty())
      if (auto err = remove(ledger)) {
        kept = what_of(err);
        is_all_done = is_all_done && code_of(err) == ec::ledger_locked;
      }
    if (!kept.empty()) {
      text += "kept: " + kept + "\n";
      if (ledger.as != kind::own)
        text += ledger.left;
      continue;
    }
    text += "removed";
    text += ledger.left.empty() || ledger.as == kind::copy
              ? "\n"
              : ", with what it had not delivered:\n" + ledger.left;
  }
  if (!is_all_done)
    return make_error(ec::disk, "some cannot be removed:\n" + text);
  return text;
}

} // namespace sluice
