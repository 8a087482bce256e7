// The section of a webhook sink as a struct, and the checks of its values. For
// the sink, its probe and its entry in the registry.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/base/enum_words.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace sluice {

struct webhook_options {
  enum class down_rule { stop, dead_letter };
  static constexpr enum_words<down_rule, 2> down_rule_words{
    {{"stop", down_rule::stop}, {"dead_letter", down_rule::dead_letter}}};

  std::string url;
  std::map<std::string, std::string> headers;
  std::optional<secret> key; ///< signs the bodies
  size_t batch_captures = 100;
  size_t batch_bytes = 1 << 20;
  std::chrono::milliseconds timeout{30'000};
  std::optional<std::filesystem::path> dead_letter;
  std::chrono::milliseconds max_down{3'600'000};
  down_rule on_down = down_rule::stop;
};

[[nodiscard]] std::vector<config::field> webhook_fields();

[[nodiscard]] webhook_options
read_webhook_options(const config::section& fields);

/// Checks what the field specs cannot: the URL's form, headers that cannot be
/// sent, contradictory rules. Errors: ec::usage.
[[nodiscard]] caf::error check_webhook_options(const sink_context& context,
                                               const webhook_options& options);

} // namespace sluice
