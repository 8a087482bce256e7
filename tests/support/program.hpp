// Runs the sluice program as a user would: arguments, environment and input
// in; exit code and both outputs back.

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
  int exit_code = -1; ///< 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

struct program_input {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment{}; ///< added to PATH and HOME
  std::string standard_input{};
  std::string executable = SLUICE_PROGRAM;
  std::chrono::seconds patience{120}; ///< after which it is killed
  /// Standard error is a terminal of this width; 0: a file.
  unsigned short terminal_columns = 0;
  bool ignores_sighup = false; ///< as under `nohup`
};

/// One process. The destructor kills what still runs.
class program {
public:
  /// False, said on standard output, where no terminal can be made: a bare
  /// root may have no /dev/pts. The test is then left out.
  [[nodiscard]] static bool can_have_terminal();

  /// Starts it with a home folder of its own.
  explicit program(const program_input& input);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  void signal(int number) const;

  /// Closes its terminal, as a lost connection does. What it writes from then
  /// on is not seen.
  void hang_up();

  /// Its process id, until it has ended.
  [[nodiscard]] pid_t id() const { return pid_; }

  /// Waits for the end; kills when it takes too long, so that no test hangs.
  program_result wait();

  /// True while it runs.
  [[nodiscard]] bool running();

  /// What it has written to standard error so far.
  [[nodiscard]] std::string errors() const;

  /// Waits until that holds `text`; false when it never will, or takes too
  /// long.
  [[nodiscard]] bool says(const std::string& text);

private:
  void collect(int status);
  /// Writes what the terminal shows to the file of standard error.
  void follow_terminal();

  temp_folder folder_;
  std::chrono::seconds patience_;
  pid_t pid_ = -1;
  int terminal_ = -1; ///< this side of the terminal
  std::atomic<bool> hung_up_{false};
  std::thread follower_;
  int exit_code_ = -1;
};

/// Starts and waits.
[[nodiscard]] program_result run_program(const program_input& input);

} // namespace sluice::test
