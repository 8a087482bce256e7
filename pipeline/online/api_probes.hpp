// What the API's replies to harmless reads say about a job before it runs: its
// key, its robots, this machine's clock. Pure.

#pragma once

#include "core/api/api_client.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sluice {

/// A run that no API has. Asking for it costs nothing, and only a valid key
/// gets the reply that no such run exists.
inline constexpr const char* no_such_run = "sluice-check";

/// Judges the reply to a request for `no_such_run`.
[[nodiscard]] probe_result
key_result(const api_profile& profile, const read_verdict& verdict);

/// Whether a list of runs covers only the robot named in its path.
[[nodiscard]] bool lists_by_robot(const api_profile& profile);

/// Judges the list of runs requested for `robot`.
[[nodiscard]] probe_result robot_result(const api_profile& profile,
                                        const std::string& robot,
                                        const run_list_reply& reply);

/// The result if the profile does not say how to list runs.
[[nodiscard]] probe_result robot_cannot_be_told();

/// The result is a warning beyond this.
inline constexpr std::chrono::seconds most_clock_skew{30};

/// Judges a reply's `clock_ahead`.
[[nodiscard]] probe_result
clock_result(const std::optional<std::chrono::seconds>& ahead);

} // namespace sluice
