#include "config/file_conflicts.hpp"
#include "core/base/job_command.hpp"
#include "core/base/units.hpp"
#include "core/ledger/ledger.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/interrupts.hpp"
#include "pipeline/successor_ledger.hpp"

#include <filesystem>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

struct backup_arguments {
  config_arguments config;
  std::string file;
};

caf::error check_free(const fs::path& file) {
  if (successor_ledger::is_left(file))
    return make_error(ec::usage, "'" + printable(file.native())
                                   + "' is the name of a ledger that was set "
                                     "aside: choose another file name");
  std::error_code ignored;
  auto found = fs::symlink_status(file, ignored);
  if (!fs::exists(found))
    return {};
  return make_error(ec::usage, "'" + printable(file.native())
                                 + "' already exists and is not overwritten: "
                                   "choose another file name, or remove it");
}

int backup(const backup_arguments& arguments) {
  auto config = arguments.config.load();
  if (!config)
    return 1;
  // Half a copy is worthless, so an interrupt does not stop one.
  catch_interrupts();
  auto file = fs::absolute(arguments.file).lexically_normal();
  if (auto err = check_free(file))
    return fail(err);
  config->files.push_back(
    {file.native(), "the copy", {}, named_file::use::write});
  if (print_findings(config::file_conflicts(*config)))
    return 1;
  auto store = attach_ledger(config->ledger);
  if (!store)
    return fail(store.error());
  if (auto err = (*store)->copy_to(file))
    return fail(err);
  std::error_code ignored;
  std::cout << printable(file.native()) << ": a copy of the ledger, "
            << human_size(fs::file_size(file, ignored)) << "\n`"
            << job_command("status",
                           "--set ledger=" + shell_word(file.native()))
            << "` reads it\n";
  return 0;
}

} // namespace

void add_backup(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "backup", "Copy the ledger to a new file, even while the job runs");
  auto arguments = std::make_shared<backup_arguments>();
  arguments->config.add_to(*command);
  command
    ->add_option("FILE", arguments->file, "The copy, which must not exist yet")
    ->type_name("FILE")
    ->required();
  command->footer(
    "The copy contains everything committed when it began. It is durable and\n"
    "readable only by its owner. A plain copy of the file may miss the last\n"
    "commits, which are in <ledger>-wal. Once the job has continued, `run`\n"
    "refuses the copy, because it would buy the same URLs again.\n\n"
    "Example:\n"
    "  sluice backup job.yaml job-monday.sluice");
  command->callback([=, &exit_code] { exit_code = backup(*arguments); });
}

} // namespace sluice::cli
