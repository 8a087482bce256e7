// The one way to log. An event has a stable name that tools can rely on, a
// sentence for people, and named values. Foreign text passes `printable`
// before it comes here.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

enum class log_level { debug, info, warn, error };

using log_fields =
  std::initializer_list<std::pair<std::string_view, std::string>>;

/// Writes one event to standard error. Thread-safe.
void log_event(log_level level, std::string_view event,
               std::string_view sentence, log_fields fields = {});

/// Least level shown ("debug", "info", "warn", "error", "off"), whether each
/// line is a JSON object, and whether the level of a text line is coloured.
/// Call before threads start.
void configure_log(std::string_view level, bool json, bool coloured = false);

/// What to call around a log line so that it does not tear a live progress
/// line on the terminal; both may be empty.
void set_log_hooks(void (*before)(), void (*after)());

} // namespace sluice
