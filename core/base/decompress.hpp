// Streaming decompression of untrusted files. Truncated or damaged data is an
// error, never a shorter list. Concatenated members or frames are one stream.
// Memory is bounded, whatever the data claims to need. Zeros after the last
// gzip member are padding, as for gzip(1).

#pragma once

#include "core/base/byte_source.hpp"

#include <memory>

namespace sluice {

/// Decompresses `compressed`; returns it unchanged for `compression::none`.
/// Reading fails with ec::input when the data is damaged, ends too early, or
/// needs a window of more than 8 MiB (zstd above level 19).
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
decompressed(compression kind, std::unique_ptr<byte_source> compressed);

} // namespace sluice
