// One way to fail: every fallible function returns caf::error or
// caf::expected<T>, built with an `ec` and a sentence for the user.
//
// The sentence says what happened, to what, and what to do next. Secrets in it
// are masked (core/base/secrets.hpp). Callers pass untrusted text through
// `printable` first.

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
  /// A URL list cannot be read, or contains what the config forbids.
  input,
  /// The API refused the job: key, robot, address, credits.
  api_refused,
  /// The API sent a reply that is malformed or too large.
  bad_reply,
  /// A transient failure of a request; safe to try again later.
  unavailable,
  /// A receiver (sink) refuses this particular capture; retrying is useless.
  refused,
  /// A file or directory cannot be opened, read, written or synced.
  disk,
  /// The ledger is locked by another process.
  ledger_locked,
  /// The ledger is damaged, was written by a newer version, or belongs to
  /// another job.
  ledger_unusable,
  /// A rule stopped the job; it can be resumed.
  stopped,
  /// The user interrupted the job; it can be resumed.
  interrupted,
  /// A limit set by the user ended the job; it can be resumed.
  limited,
  /// A broken assumption inside sluice.
  internal,
};

/// Name of `code` as it appears in logs, e.g. "ledger_locked".
[[nodiscard]] std::string_view name_of(ec code) noexcept;

/// Builds an error. `wait` is the minimum delay before a retry; zero leaves it
/// to the caller's own backoff.
[[nodiscard]] caf::error
make_error(ec code, std::string what,
           std::chrono::milliseconds wait = std::chrono::milliseconds{0});

/// The code of an error built by `make_error`; `ec::internal` for CAF's own.
[[nodiscard]] ec code_of(const caf::error& err) noexcept;

/// The user's sentence inside `err`, without category or code.
[[nodiscard]] std::string what_of(const caf::error& err);

/// The minimum delay before a retry; zero if none was given.
[[nodiscard]] std::chrono::milliseconds wait_of(const caf::error& err);

/// True when a retry may succeed later without intervention.
[[nodiscard]] bool is_retryable(const caf::error& err) noexcept;

/// The process exit code when `err` ends a job: 1 usage and input, 2 API
/// refusal, 3 a limit set by the user, 4 stopped or interrupted, 5 everything
/// else.
[[nodiscard]] int exit_code_of(const caf::error& err) noexcept;

/// Makes `text` safe to show on a terminal or in a log line: masks secrets
/// (core/base/secrets.hpp), replaces control characters and invalid UTF-8 with
/// \xNN, and cuts it to `max_bytes` (an ellipsis marks the cut).
[[nodiscard]] std::string
printable(std::string_view text, size_t max_bytes = 300);

/// `printable` in single quotes.
[[nodiscard]] std::string
in_quotes(std::string_view text, size_t max_bytes = 300);

/// Like `printable`, but neither cut nor masked: for the user's own text when
/// it is used as data.
[[nodiscard]] std::string escaped(std::string_view text);

} // namespace sluice
