// Compression in complete frames: what lies before the end of a frame can be
// decompressed whatever follows it, so a file may be cut back to any of its
// checkpoints. Concatenated frames (gzip members) are one valid file to
// gzip, zstd and lz4.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/base/error.hpp"

#include <memory>
#include <string_view>

namespace sluice {

/// True when a file that begins with these (at least 4) bytes was not written
/// with `as`, so that appending to it would leave a file nobody can read.
[[nodiscard]] bool
is_foreign(compression as, std::string_view first_bytes) noexcept;

/// One stream of frames. Not thread-safe. Errors: ec::internal, when the
/// library cannot go on (out of memory).
class frame_encoder {
public:
  virtual ~frame_encoder() = default;

  /// Takes `bytes`, opening a frame when none is open, and returns the output
  /// that is ready, valid until the next call.
  [[nodiscard]] virtual caf::expected<std::string_view>
  encode(std::string_view bytes) = 0;

  /// Ends the open frame and returns its last bytes, valid until the next
  /// call; empty when none is open.
  [[nodiscard]] virtual caf::expected<std::string_view> finish() = 0;
};

/// For compression::none the encoder returns what it is given.
[[nodiscard]] std::unique_ptr<frame_encoder> make_frame_encoder(compression as);

} // namespace sluice
