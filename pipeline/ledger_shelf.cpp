#include "pipeline/ledger_shelf.hpp"

#include "core/ascii.hpp"
#include "core/ledger.hpp"
#include "core/ledger_files.hpp"
#include "core/ledger_formats.hpp"
#include "core/ledger_lock.hpp"
#include "core/ledger_migrations.hpp"
#include "pipeline/job_standing.hpp"
#include "pipeline/successor_ledger.hpp"
#include "pipeline/utc_text.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace sluice {

namespace {

namespace fs = std::filesystem;
using kind = shelved_ledger::kind;

std::string in_quotes(const fs::path& file) {
  return "'" + printable(file.native()) + "'";
}

/// When it was set aside is in its name.
int64_t seconds_in_name(const fs::path& file) {
  auto stamp = file.stem().extension().native();
  auto digits = std::string_view{stamp}.substr(1);
  return read_number<int64_t>(digits.substr(0, digits.find('-'))).value_or(0);
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
  auto store = ledger::attach(result.file);
  if (!store)
    return store.error();
  auto id = (*store)->job_id();
  if (!id)
    return id.error();
  result.job_id = *id;
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
  return (ledger.as == kind::copy ? "a copy of " : "set aside on ")
         + utc_minute(ledger.since_s * 1'000);
}

/// Nobody has it open: its name was never another one's.
caf::error remove(const shelved_ledger& ledger) {
  auto lock = ledger_lock::take(ledger.file);
  if (!lock)
    return lock.error();
  if (auto failed = remove_ledger_files(ledger.file))
    return make_error(ec::disk, in_quotes(ledger.file)
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
    return make_error(ec::disk, "the folder " + in_quotes(own.parent_path())
                                  + " cannot be read: " + failed.message());
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
    return ledger.left.empty() ? "" : "it has bought what was not brought back";
  auto goes_on = std::any_of(all.begin(), all.end(), [&](auto& other) {
    return other.as != kind::copy && !other.unreadable
           && other.job_id == ledger.job_id;
  });
  return goes_on ? "" : "the ledger that it is a copy of is not here";
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
                                     : "; not brought back:\n")
              + ledger.left;
  }
  return text.empty() ? "There is no ledger yet.\n" : text;
}

caf::expected<std::string> prune_shelf(const std::vector<shelved_ledger>& all,
                                       const prune_options& options) {
  std::string text;
  for (auto& ledger : all) {
    auto kept = options.all && ledger.as != kind::own ? std::string{}
                                                      : why_kept(ledger, all);
    if (ledger.as != kind::own && kept.empty() && options.older_than
        && ledger.since_s >= *options.older_than)
      kept = label_of(ledger) + ", not so long ago";
    text += printable(ledger.file.native()) + ": ";
    if (!kept.empty()) {
      text += "kept, for " + kept + "\n";
      if (ledger.as != kind::own)
        text += ledger.left;
      continue;
    }
    if (auto err = remove(ledger))
      return make_error(code_of(err), what_of(err) + "; before it:\n" + text);
    text += "removed";
    text += ledger.left.empty() || ledger.as == kind::copy
              ? "\n"
              : ", with what it had not brought back:\n" + ledger.left;
  }
  return text;
}

} // namespace sluice
