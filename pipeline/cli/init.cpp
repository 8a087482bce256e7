#include "config/load.hpp"
#include "pipeline/cli/command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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
              << (errno == EEXIST ? "; name another file, or remove it" : "")
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

int init(const std::string& file) {
  if (auto code = write_new(file, config::starter_config()); code != 0)
    return code;
  std::cout << "Wrote " << file << ". Put your URLs where its `input` says, "
            << "then try it:\n  sluice run " << file << " --simulate\n";
  return 0;
}

} // namespace

void add_init(CLI::App& app, int& exit_code) {
  auto* command =
    app.add_subcommand("init", "Write a commented config to start from");
  auto file = std::make_shared<std::string>("job.yaml");
  command->add_option("FILE", *file, "The file to write")
    ->capture_default_str();
  command->footer("Example:\n  sluice init job.yaml");
  command->callback([=, &exit_code] { exit_code = init(*file); });
}

} // namespace sluice::cli
