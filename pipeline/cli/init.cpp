#include "actors/sinks/registry.hpp"
#include "config/load.hpp"
#include "core/base/job_command.hpp"
#include "pipeline/cli/command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>

namespace sluice::cli {

namespace {

/// Writes a file that must not exist yet.
int write_new(const std::string& file, std::string_view text) {
  auto fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    std::cerr << "sluice: " << file
              << " cannot be created: " << std::strerror(errno)
              << (errno == EEXIST
                    ? "; choose another file name, or remove it"
                    : "; check that its folder exists and is writable")
              << '\n';
    return errno == EEXIST ? 1 : 5;
  }
  auto written = ::write(fd, text.data(), text.size());
  auto complete = written == static_cast<ssize_t>(text.size());
  if (::close(fd) != 0 || !complete) {
    std::cerr << "sluice: " << file
              << " cannot be written: " << std::strerror(errno) << '\n';
    return 5;
  }
  return 0;
}

/// Writes a file that the config names, unless the user already has one.
int write_if_absent(const std::filesystem::path& file, std::string_view text) {
  if (std::filesystem::exists(file))
    return 0;
  return write_new(file.string(), text);
}

int init(const std::string& file) {
  auto folder = std::filesystem::path{file}.parent_path();
  auto list = folder / config::starter_list_name;
  if (auto code = write_new(file, config::starter_config()); code != 0)
    return code;
  if (auto code = write_if_absent(list, config::starter_list()); code != 0)
    return code;
  auto schema = folder / config::starter_schema_name;
  auto text = config::json_schema(sink_specs()) + "\n";
  if (auto code = write_if_absent(schema, text); code != 0)
    return code;
  std::cout
    << "Wrote " << file << ", a job for the URLs in " << list.string()
    << ", and its schema for editors, " << schema.string()
    << ". Rehearse it; this needs no key and costs nothing:\n  sluice run "
    << shell_word(file) << " --simulate\n";
  return 0;
}

} // namespace

void add_init(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
    "init", "Write a commented config and an example list to start from");
  auto file = std::make_shared<std::string>("job.yaml");
  command->add_option("FILE", *file, "The file to write")
    ->type_name("FILE")
    ->capture_default_str();
  command->footer(
    "Asks nothing and overwrites nothing; an existing urls.txt "
    "is kept. Also\nwrites sluice.schema.json, which editors use to "
    "complete and check the config.\nAfter an update, replace it "
    "with `sluice schema > sluice.schema.json`.\n\n"
    "Example:\n  sluice init job.yaml");
  command->callback([=, &exit_code] { exit_code = init(*file); });
}

} // namespace sluice::cli
