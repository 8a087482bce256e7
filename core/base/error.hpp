// One way to fail: every fallible function returns caf::error or
// caf::expected<T>, built with an `ec` and a sentence for the user.
//
// The sentence says what happened, to what, and what to do next. Secrets in it
// are masked (core/base/secrets.hpp), and text that came from outside is passed
// through `printable` first.

#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

enum class ec : uint8_t {
  /// No error (CAF reserves 0).
  no_error = 0,
  /// Wrong command line or config: nothing was done.
  usage,
  /// A URL list cannot be read, or holds what the config forbids.
  input,
  /// The API refused the job: key, robot, address, credits.
  api_refused,
  /// The API sent what cannot be understood, or too much of it.
  bad_reply,
  /// A request failed in a way that passes; safe to try again later.
  unavailable,
  /// A receiver (sink) refuses this very capture: repeating is useless.
  refused,
  /// A file or directory cannot be opened, read, written or synced.
  disk,
  /// The ledger is locked by another process.
  ledger_locked,
  /// The ledger is damaged, from a newer version, or of another job.
  ledger_unusable,
  /// Stopped by a rule; the job can be resumed.
  stopped,
  /// The user interrupted it; the job can be resumed.
  interrupted,
  /// A limit that the user set ended it; the job can be resumed.
  limited,
  /// A broken assumption inside sluice.
  internal,
};

/// Name of `code` as it stands in logs, e.g. "ledger_locked".
[[nodiscard]] std::string_view name_of(ec code) noexcept;

/// Builds an error. `wait` is the least time before a repetition makes sense
/// (zero: the caller's own backoff).
[[nodiscard]] caf::error
make_error(ec code, std::string what,
           std::chrono::milliseconds wait = std::chrono::milliseconds{0});

/// The code of an error built by `make_error`; `ec::internal` for CAF's own.
[[nodiscard]] ec code_of(const caf::error& err) noexcept;

/// The user's sentence inside `err`, without category or code.
[[nodiscard]] std::string what_of(const caf::error& err);

/// The least time to wait before a repetition; zero when none was given.
[[nodiscard]] std::chrono::milliseconds wait_of(const caf::error& err);

/// True when the same operation may succeed later without anyone's doing.
[[nodiscard]] bool is_retryable(const caf::error& err) noexcept;

/// The process exit code that `err` leads to when it ends a job:
/// 1 usage and input, 2 API refusal, 3 a limit of the user's, 4 stopped or
/// interrupted, 5 all else.
[[nodiscard]] int exit_code_of(const caf::error& err) noexcept;

/// `text` made safe to show on a terminal or in a log line: secrets are masked
/// (core/base/secrets.hpp), control characters and invalid UTF-8 become \xNN,
/// and it is cut to `max_bytes` (an ellipsis marks the cut).
[[nodiscard]] std::string
printable(std::string_view text, size_t max_bytes = 300);

/// The user's own text, for use as data: as `printable`, but whole and with
/// its secrets.
[[nodiscard]] std::string escaped(std::string_view text);

} // namespace sluice
