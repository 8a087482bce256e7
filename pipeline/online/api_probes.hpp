// What the API's replies to harmless reads say of a job that is to be run: its
// key, its robots, this machine's clock. Pure.

#pragma once

#include "core/api/api_client.hpp"
#include "core/model/probe_result.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace sluice {

/// A run that no API has: asking for it costs nothing, and only a good key
/// gets the answer that there is none.
inline constexpr const char* no_such_run = "sluice-check";

/// Judges the reply to a question about `no_such_run`.
[[nodiscard]] probe_result
key_result(const api_profile& profile, const read_verdict& verdict);

/// Whether a list of runs is of one robot, which its address names.
[[nodiscard]] bool lists_by_robot(const api_profile& profile);

/// Judges the list of runs that was asked for about `robot`.
[[nodiscard]] probe_result robot_result(const api_profile& profile,
                                        const std::string& robot,
                                        const run_list_reply& reply);

/// Where the profile does not say how runs are listed.
[[nodiscard]] probe_result robot_cannot_be_told();

/// More than this is told.
inline constexpr std::chrono::seconds most_clock_skew{30};

/// Judges a reply's `clock_ahead`.
[[nodiscard]] probe_result
clock_result(const std::optional<std::chrono::seconds>& ahead);

} // namespace sluice
