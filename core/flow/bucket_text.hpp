// A bucket's state as the text of its file. The first line is the bucket; the
// lines below it are the turns of the jobs. Builds without turns read and write
// only the first line. Pure.

#pragma once

#include "core/flow/token_bucket.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The maximum length of the text, in bytes.
inline constexpr size_t most_bucket_text = 64 << 10;

/// `boot` identifies one boot of the machine: the times are valid only there.
[[nodiscard]] std::string
bucket_text(const bucket_state& state, std::string_view boot);

/// Returns nullopt if the first line is damaged or from another boot. Turns
/// that are damaged are left out: they only decide who is next. REQUIRES: not
/// empty.
[[nodiscard]] std::optional<bucket_state>
read_bucket(std::string_view text, std::string_view boot);

} // namespace sluice
