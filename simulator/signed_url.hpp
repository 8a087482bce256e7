// Signed URLs of downloads. They work without a key for ten minutes.

#pragma once

#include "simulator/chance.hpp"
#include "simulator/sim_clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

/// How long a signed URL is valid.
inline constexpr sim_time link_lifetime = std::chrono::minutes{10};

/// File name and query for the captures of `run_id`, signed at `now`.
[[nodiscard]] std::string
sign_file(std::string_view run_id, sim_time now, const chance& dice);

/// The run whose captures the file contains, or nullopt if the signature is
/// wrong or too old. `expires` and `signature` are the query's parameters.
[[nodiscard]] std::optional<std::string>
read_signed_file(std::string_view file, std::string_view expires,
                 std::string_view signature, sim_time now, const chance& dice);

} // namespace sluice::sim
