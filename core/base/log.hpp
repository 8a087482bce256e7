// The one way to log. An event has a stable name that tools can rely on, a
// sentence for people, and named values. Callers pass raw text: sentence and
// values go through `printable` here (core/base/error.hpp).

#pragma once

#include "core/base/enum_words.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

enum class log_level {
  debug,
  info,
  warn,
  error,
  off, ///< for `configure_log` alone: shows nothing
};

/// What configs, logs and metrics call them.
inline constexpr enum_words<log_level, 5> log_level_words{
  {{"debug", log_level::debug},
   {"info", log_level::info},
   {"warn", log_level::warn},
   {"error", log_level::error},
   {"off", log_level::off}}};

[[nodiscard]] std::string_view name_of(log_level level) noexcept;

/// A value of an event: text, or a number, which JSON shows as a number.
struct log_value {
  log_value(std::string value) : text{std::move(value)} {}
  log_value(std::string_view value) : text{value} {}
  log_value(const char* value) : text{value} {}
  log_value(std::integral auto number)
      : text{std::to_string(number)}, is_number{true} {}
  /// REQUIRES: a finite number.
  log_value(double number);

  std::string text;
  bool is_number = false;
};

using log_fields =
  std::initializer_list<std::pair<std::string_view, log_value>>;

/// Writes one event to standard error: one line, in which control characters
/// and invalid UTF-8 are escaped, secrets are masked, and each text is cut to
/// 2,000 bytes. Names of events and fields are literals. Thread-safe.
void log_event(log_level level, std::string_view event,
               std::string_view sentence, log_fields fields = {});

/// Sets the lowest level shown, whether each line is a JSON object, and whether
/// text lines colour the level. Call before threads start.
void configure_log(log_level least, bool json, bool coloured = false);

/// A logged warning or error.
struct logged_problem {
  int64_t at_ms = 0; ///< wall clock
  log_level level = log_level::warn;
  std::string event;
  std::string sentence;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// The warnings and errors of this process, including those below the level
/// shown.
struct problem_record {
  uint64_t warnings = 0; ///< in total
  uint64_t errors = 0;
  std::vector<logged_problem> latest; ///< the most recent ones, oldest first
};

inline constexpr size_t most_problems_kept = 50;

/// Thread-safe.
[[nodiscard]] problem_record recent_problems();

/// Sets functions to call before and after each log line, so that it does not
/// garble a live progress line on the terminal. Either may be null.
void set_log_hooks(void (*before)(), void (*after)());

} // namespace sluice
