// Writes an LZ4 frame piece by piece: the body of a download (listing.hpp).

#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sluice::sim {

class lz4_frame_writer {
public:
  lz4_frame_writer();
  ~lz4_frame_writer();
  lz4_frame_writer(const lz4_frame_writer&) = delete;
  lz4_frame_writer& operator=(const lz4_frame_writer&) = delete;

  /// Appends the compressed `input` to `out`, preceded by the frame's header
  /// the first time. False if the library fails, which happens only when
  /// memory runs out.
  [[nodiscard]] bool write(std::string_view input, std::string& out);
  /// Appends the end of the frame.
  [[nodiscard]] bool finish(std::string& out);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::sim
