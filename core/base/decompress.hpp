// Streaming decompression of what others wrote: truncated or damaged data is
// an error, never a shorter list; concatenated members or frames are one
// stream; memory stays bounded whatever the data asks for. Zeros behind the
// last gzip member are padding, as for gzip(1).

#pragma once

#include "core/base/byte_source.hpp"

#include <memory>

namespace sluice {

/// The content of `compressed`; for `compression::none`, itself. Reading
/// fails with ec::input where the data is damaged, ends too early, or needs a
/// window of more than 8 MiB (zstd above level 19).
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
decompressed(compression kind, std::unique_ptr<byte_source> compressed);

} // namespace sluice
