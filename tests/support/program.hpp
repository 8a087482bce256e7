// Runs the sluice program as a user would: takes arguments, environment and
// input, and returns the exit code and the text of both output streams.

#pragma once

#include "tests/support/temp_folder.hpp"

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

struct program_result {
  int exit_code = -1; ///< 128 + signal if a signal killed it
  std::string out;
  std::string err;
};

struct program_input {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment{}; ///< added to PATH and HOME
  std::string standard_input{};
  std::string executable = SLUICE_PROGRAM;
  std::chrono::seconds patience{120}; ///< after which it is killed
  /// The width of the terminal on standard error, or 0 for a file.
  unsigned short terminal_columns = 0;
  bool ignores_sighup = false; ///< as under `nohup`
};

/// One process. The destructor kills it if it still runs.
class program {
public:
  /// False, with a note on standard output, if no terminal can be created: a
  /// minimal root may lack /dev/pts. The test then skips itself.
  [[nodiscard]] static bool can_have_terminal();

  /// Starts it with a temporary home folder.
  explicit program(const program_input& input);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  void signal(int number) const;

  /// Closes its terminal like a lost connection. Later output is not seen.
  void hang_up();

  /// Its process id until it has ended.
  [[nodiscard]] pid_t id() const { return pid_; }

  /// Waits for the end. Kills it if it takes too long, so that no test hangs.
  program_result wait();

  /// True while it runs.
  [[nodiscard]] bool running();

  /// Its output to standard error so far.
  [[nodiscard]] std::string errors() const;

  /// Waits until that output contains `text`. False if it never will or takes
  /// too long.
  [[nodiscard]] bool says(const std::string& text);

private:
  void collect(int status);
  /// Copies the terminal's output to the file of standard error.
  void follow_terminal();

  temp_folder folder_;
  std::chrono::seconds patience_;
  pid_t pid_ = -1;
  int terminal_ = -1; ///< this side of the terminal
  std::atomic<bool> hung_up_{false};
  std::thread follower_;
  int exit_code_ = -1;
};

/// Starts the program and waits for it.
[[nodiscard]] program_result run_program(const program_input& input);

/// The same with nothing but arguments.
[[nodiscard]] program_result sluice_with(std::vector<std::string> arguments);

} // namespace sluice::test
