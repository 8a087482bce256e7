// Compresses what goes into an output file, in complete frames. Everything
// before the end of a frame can be decompressed no matter what follows, so a
// file can be truncated to any of its checkpoints. gzip, zstd and lz4 read
// concatenated frames (gzip members) as one valid file.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/base/error.hpp"

#include <memory>
#include <string_view>

namespace sluice {

/// True when a file that begins with these bytes (at least 4) was not written
/// with `as`. Appending to it would make it unreadable.
[[nodiscard]] bool
is_foreign(compression as, std::string_view first_bytes) noexcept;

/// One stream of frames. Not thread-safe. Errors: ec::internal when the library
/// fails (out of memory).
class frame_encoder {
public:
  virtual ~frame_encoder() = default;

  /// Compresses `bytes`, opening a frame if none is open. Returns the output
  /// that is ready; it is valid until the next call.
  [[nodiscard]] virtual caf::expected<std::string_view>
  encode(std::string_view bytes) = 0;

  /// Ends the open frame and returns its last bytes, valid until the next call;
  /// empty if no frame is open.
  [[nodiscard]] virtual caf::expected<std::string_view> finish() = 0;
};

/// For compression::none, the encoder returns its input unchanged.
[[nodiscard]] std::unique_ptr<frame_encoder> make_frame_encoder(compression as);

} // namespace sluice
