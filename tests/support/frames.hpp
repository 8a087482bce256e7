// Decompression for tests: whole files, all frames, no remaining bytes.

#pragma once

#include "core/base/frame_encoder.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::test {

namespace detail {

inline std::string gunzip(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    while (result == Z_OK) {
      char buffer[4096];
      stream.next_out = reinterpret_cast<Bytef*>(buffer);
      stream.avail_out = sizeof buffer;
      result = inflate(&stream, Z_NO_FLUSH);
      out.append(buffer, sizeof buffer - stream.avail_out);
    }
    bytes.remove_prefix(bytes.size() - stream.avail_in);
    inflateEnd(&stream);
    if (result != Z_STREAM_END)
      throw std::runtime_error("bad gzip member");
  }
  return out;
}

inline std::string unzstd(std::string_view bytes) {
  auto context = ZSTD_createDCtx();
  std::string out;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t left = 0;
  while (in.pos < in.size) {
    char buffer[4096];
    ZSTD_outBuffer piece{buffer, sizeof buffer, 0};
    left = ZSTD_decompressStream(context, &piece, &in);
    if (ZSTD_isError(left))
      break;
    out.append(buffer, piece.pos);
  }
  ZSTD_freeDCtx(context);
  if (left != 0)
    throw std::runtime_error("bad zstd frame");
  return out;
}

inline std::string unlz4(std::string_view bytes) {
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  std::string out;
  size_t left = 0;
  while (!bytes.empty()) {
    char buffer[4096];
    auto made = sizeof buffer;
    auto used = bytes.size();
    left =
      LZ4F_decompress(context, buffer, &made, bytes.data(), &used, nullptr);
    if (LZ4F_isError(left))
      break;
    out.append(buffer, made);
    bytes.remove_prefix(used);
  }
  LZ4F_freeDecompressionContext(context);
  if (left != 0)
    throw std::runtime_error("bad lz4 frame");
  return out;
}

} // namespace detail

/// The content of complete frames. Throws if a frame is truncated.
[[nodiscard]] inline std::string
decompress_all(compression as, std::string_view bytes) {
  switch (as) {
    case compression::gzip:
      return detail::gunzip(bytes);
    case compression::zstd:
      return detail::unzstd(bytes);
    case compression::lz4:
      return detail::unlz4(bytes);
    case compression::none:
      break;
  }
  return std::string{bytes};
}

} // namespace sluice::test
