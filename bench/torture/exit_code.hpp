// The program's exit codes and the exit code of a process killed by a signal.

#pragma once

#include <csignal>
#include <string>

namespace sluice::torture {

constexpr int exit_done = 0;
constexpr int exit_usage = 1;
constexpr int exit_incomplete = 3; ///< finished, with URLs missing, held, …
constexpr int exit_stopped = 4;    ///< resumable
constexpr int exit_environment = 5;

constexpr int ended_by(int signal) noexcept {
  return 128 + signal;
}

/// The last lines of an output, for a message.
inline std::string end_of(const std::string& text) {
  constexpr size_t most = 2'000;
  return text.size() <= most ? text : "… " + text.substr(text.size() - most);
}

} // namespace sluice::torture
