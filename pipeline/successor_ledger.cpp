#include "pipeline/successor_ledger.hpp"

#include "core/base/job_command.hpp"
#include "core/base/rename_group.hpp"
#include "core/base/sync_folder.hpp"
#include "core/ledger/ledger_files.hpp"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace sluice {

namespace {

namespace fs = std::filesystem;

fs::path with(const fs::path& name, const std::string& suffix) {
  return name.native() + suffix;
}

/// Removes the ledger that a killed process left behind. ec::usage if its job
/// has submitted URLs, which may be paid for.
caf::error remove_leftover(const fs::path& name) {
  std::error_code ignored;
  if (!fs::exists(name, ignored))
    return {};
  auto found = open_ledger(name);
  if (!found)
    return found.error();
  auto numbers = (*found)->report();
  if (!numbers)
    return numbers.error();
  if (numbers->requests.submits > 0)
    return make_error(
      ec::usage,
      "'" + printable(name.native())
        + "', where the new job's ledger would go, is the ledger of a job that "
          "has submitted URLs: move it away, then run again");
  found->reset();
  remove_ledger_files(name);
  return {};
}

/// An unused name for a ledger and its companion files.
fs::path name_aside(const fs::path& ledger) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  auto is_taken = [](const fs::path& name) {
    std::error_code ignored;
    return fs::exists(name, ignored) || fs::exists(with(name, "-wal"), ignored)
           || fs::exists(with(name, "-shm"), ignored);
  };
  auto stem = with(ledger, "." + std::to_string(seconds));
  auto name = with(stem, ".old");
  for (auto i = 2; is_taken(name); ++i)
    name = with(stem, "-" + std::to_string(i) + ".old");
  return name;
}

/// Makes the new names survive a power failure before anything is bought.
caf::error make_durable(const fs::path& file) {
  auto number = sync_folder_of(file);
  if (number == 0)
    return {};
  return make_error(ec::disk, "cannot make the new ledger '"
                                + printable(file.native()) + "' durable: "
                                + std::generic_category().message(number));
}

} // namespace

caf::expected<std::unique_ptr<successor_ledger>>
successor_ledger::make(const fs::path& ledger) {
  auto place = ledger_lock::one_name_of(ledger);
  auto name = successor_of(place);
  if (auto err = remove_leftover(name))
    return err;
  std::unique_ptr<successor_ledger> made{
    new successor_ledger{std::move(place), std::move(name)}};
  auto opened = open_ledger(made->name_);
  if (!opened)
    return opened.error();
  made->store_ = std::move(*opened);
  return made;
}

caf::error successor_ledger::complete(const fs::path& ledger) {
  auto place = ledger_lock::one_name_of(ledger);
  auto name = successor_of(place);
  std::error_code ignored;
  if (fs::exists(place, ignored) || !fs::exists(name, ignored))
    return {};
  auto found = open_ledger(name);
  if (!found)
    return found.error();
  auto imported = (*found)->is_imported();
  if (!imported)
    return imported.error();
  if (!*imported)
    return {}; // from an import that was killed while nothing had this name
  auto lock = (*found)->close();
  if (!lock)
    return lock.error();
  // Another process may have created a ledger in the meantime.
  if (::renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, place.c_str(),
                  RENAME_NOREPLACE)
      != 0)
    return make_error(ec::disk,
                      "'" + printable(name.native())
                        + "' cannot be renamed to '" + printable(place.native())
                        + "': " + std::generic_category().message(errno));
  found->reset();
  remove_ledger_files(name);
  return make_durable(place);
}

bool successor_ledger::is_left(const fs::path& ledger) {
  auto stamp = ledger.stem().extension().native();
  return ledger.extension() == ".old" && stamp.size() > 1
         && stamp.find_first_not_of("0123456789-", 1) == stamp.npos;
}

caf::expected<bool>
successor_ledger::is_left(ledger_file& store, const fs::path& ledger) {
  auto id = store.left_for();
  if (!id)
    return id.error();
  if (id->empty())
    return false;
  auto next = attach_ledger(successor_of(ledger_lock::one_name_of(ledger)));
  if (!next)
    return true;
  auto next_id = (*next)->job_id();
  return !next_id || *next_id != *id;
}

caf::error successor_ledger::check_not_left(const fs::path& ledger) {
  return is_left(ledger) ? left_error(ledger) : caf::error{};
}

caf::error successor_ledger::left_error(const fs::path& ledger) {
  return make_error(
    ec::usage,
    "'" + printable(ledger.native())
      + "' is the ledger of a job that a new one has replaced. The output "
        "files are now the new job's; `status` and `resolve` still work. To "
        "fetch what its runs have, rename the ledger, name it and new output "
        "files in the config, then run `"
      + job_command("relocate", "--lost SINK")
      + "`, with one --lost for each sink: what the job wrote stays in the old "
        "files");
}

successor_ledger::~successor_ledger() {
  if (store_ && !is_marked_)
    remove_ledger_files(name_);
}

caf::expected<successor_ledger::placed>
successor_ledger::put_in_place(ledger& old) {
  auto id = store_->job_id();
  if (!id)
    return id.error();
  auto lock = store_->close();
  if (!lock)
    return lock.error();
  if (auto err = old.leave_for(*id))
    return err;
  is_marked_ = true;
  auto old_lock = old.close();
  if (!old_lock) {
    take_mark_away(old);
    return old_lock.error();
  }
  auto aside = rename_both();
  if (aside)
    return placed{std::move(*aside), std::move(*old_lock)};
  std::error_code ignored;
  // Otherwise the new ledger is in place, or undoing the renames failed, too.
  if (store_ && fs::exists(place_, ignored))
    if (auto again = open_ledger(place_, {}, std::move(*old_lock)))
      take_mark_away(**again);
  return aside.error();
}

void successor_ledger::take_mark_away(ledger& old) {
  is_marked_ = static_cast<bool>(old.leave_for({}));
}

caf::expected<fs::path> successor_ledger::rename_both() {
  auto aside = name_aside(place_);
  rename_group names{"The old job is unchanged"};
  // SQLite's companion files are empty. They exist while another process reads
  // the old ledger, and must not become the new one's.
  if (auto err = names.rename(place_, aside))
    return err;
  for (auto* companion : {"-wal", "-shm"})
    if (auto err = names.rename_if_there(with(place_, companion),
                                         with(aside, companion)))
      return err;
  if (auto err = names.rename(name_, place_))
    return err;
  store_.reset();
  remove_ledger_files(name_);
  if (auto err = make_durable(place_))
    return err;
  return aside;
}

} // namespace sluice
