// Durations and sizes in text: as users write them (500ms, 24h, 64KiB) and as
// reports show them (1 h 05 min, 1.4 MiB, 10,000,000).

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

struct named_unit {
  std::string_view name;
  uint64_t factor; ///< milliseconds, or bytes
};

/// The units that `parse_duration` and `parse_size` accept, largest first.
[[nodiscard]] std::span<const named_unit> duration_units() noexcept;
[[nodiscard]] std::span<const named_unit> size_units() noexcept;

/// Reads a whole number and a unit (ms, s, m, h), e.g. "90s"; nullopt for
/// anything else or for more than 10,000 days.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text) noexcept;

/// Reads a whole number of bytes, or one of KiB, MiB or GiB; nullopt for
/// anything else or for more than 2^60 bytes.
[[nodiscard]] std::optional<uint64_t>
parse_size(std::string_view text) noexcept;

/// Inverse of `parse_duration`, in the largest exact unit: "90s".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds time);

/// Inverse of `parse_size`, in the largest exact unit: "64KiB".
[[nodiscard]] std::string size_text(uint64_t bytes);

/// For people, at most two units: "850 ms", "12.3 s", "4 min 05 s", "1 h 05
/// min", "2 d 03 h". Negative times read as zero.
[[nodiscard]] std::string human_duration(std::chrono::nanoseconds time);

/// For people: "512 B", "1.4 MiB".
[[nodiscard]] std::string human_size(uint64_t bytes);

/// For people: "10,000,000".
[[nodiscard]] std::string human_count(uint64_t number);

} // namespace sluice
