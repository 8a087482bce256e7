// An LZ4 frame, written piece by piece.

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

  /// Appends to `out` what `input` becomes; the frame's header comes first.
  /// False when the library fails, which only lack of memory explains.
  [[nodiscard]] bool write(std::string_view input, std::string& out);
  /// Appends the frame's end.
  [[nodiscard]] bool finish(std::string& out);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::sim
