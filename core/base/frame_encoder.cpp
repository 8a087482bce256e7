#include "core/base/frame_encoder.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>

namespace sluice {

namespace {

constexpr int gzip_level = 6;
constexpr int zstd_level = 3;
constexpr std::string_view gzip_magic{"\x1F\x8B", 2};
constexpr std::string_view zstd_magic{"\x28\xB5\x2F\xFD", 4};
constexpr std::string_view lz4_magic{"\x04\x22\x4D\x18", 4};

caf::error cannot_compress(std::string_view library, std::string_view reason) {
  return make_error(ec::internal, std::string{library}
                                    + " cannot compress: " + std::string{reason}
                                    + ". Run the same command again; if it "
                                      "persists, choose another compression.");
}

class plain_encoder final : public frame_encoder {
public:
  caf::expected<std::string_view> encode(std::string_view bytes) override {
    return bytes;
  }
  caf::expected<std::string_view> finish() override {
    return std::string_view{};
  }
};

class gzip_encoder final : public frame_encoder {
public:
  ~gzip_encoder() override {
    if (ready_)
      deflateEnd(&stream_);
  }

  caf::expected<std::string_view> encode(std::string_view bytes) override {
    out_.clear();
    if (!ready_) {
      constexpr int gzip_window = 15 + 16;
      if (deflateInit2(&stream_, gzip_level, Z_DEFLATED, gzip_window, 8,
                       Z_DEFAULT_STRATEGY)
          != Z_OK)
        return cannot_compress("zlib", "out of memory");
      ready_ = true;
    }
    open_ = true;
    return run(bytes, Z_NO_FLUSH);
  }

  caf::expected<std::string_view> finish() override {
    out_.clear();
    if (!open_)
      return std::string_view{};
    open_ = false;
    auto last = run({}, Z_FINISH);
    deflateReset(&stream_);
    return last;
  }

private:
  caf::expected<std::string_view> run(std::string_view bytes, int flush) {
    // zlib only reads from next_in, although it is not const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    size_t used = 0;
    do {
      out_.resize(used + std::max<size_t>(bytes.size(), 16 * 1024));
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data() + used);
      stream_.avail_out = static_cast<uInt>(out_.size() - used);
      if (deflate(&stream_, flush) == Z_STREAM_ERROR)
        return cannot_compress("zlib", "inconsistent stream");
      used = out_.size() - stream_.avail_out;
    } while (stream_.avail_out == 0);
    out_.resize(used);
    return std::string_view{out_};
  }

  z_stream stream_{};
  bool ready_ = false;
  bool open_ = false;
  std::string out_;
};

class zstd_encoder final : public frame_encoder {
public:
  zstd_encoder() : context_(ZSTD_createCCtx()) {
    if (context_) {
      ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, zstd_level);
      ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
    }
  }
  ~zstd_encoder() override { ZSTD_freeCCtx(context_); }

  caf::expected<std::string_view> encode(std::string_view bytes) override {
    open_ = true;
    return run(bytes, ZSTD_e_continue);
  }

  caf::expected<std::string_view> finish() override {
    if (!open_)
      return std::string_view{};
    open_ = false;
    return run({}, ZSTD_e_end);
  }

private:
  caf::expected<std::string_view>
  run(std::string_view bytes, ZSTD_EndDirective directive) {
    if (!context_)
      return cannot_compress("zstd", "out of memory");
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    size_t used = 0;
    for (size_t left = 1; left != 0 || in.pos < in.size;) {
      out_.resize(used + ZSTD_CStreamOutSize());
      ZSTD_outBuffer out{out_.data(), out_.size(), used};
      left = ZSTD_compressStream2(context_, &out, &in, directive);
      if (ZSTD_isError(left))
        return cannot_compress("zstd", ZSTD_getErrorName(left));
      used = out.pos;
      if (directive == ZSTD_e_continue && in.pos == in.size)
        break;
    }
    out_.resize(used);
    return std::string_view{out_};
  }

  ZSTD_CCtx* context_;
  bool open_ = false;
  std::string out_;
};

class lz4_encoder final : public frame_encoder {
public:
  lz4_encoder() {
    preferences_.frameInfo.blockSizeID = LZ4F_max256KB;
    preferences_.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    if (LZ4F_isError(
          LZ4F_createCompressionContext(&context_, LZ4F_getVersion())))
      context_ = nullptr;
  }
  ~lz4_encoder() override { LZ4F_freeCompressionContext(context_); }

  caf::expected<std::string_view> encode(std::string_view bytes) override {
    if (!context_)
      return cannot_compress("lz4", "out of memory");
    out_.resize(LZ4F_HEADER_SIZE_MAX
                + LZ4F_compressBound(bytes.size(), &preferences_));
    size_t used = 0;
    if (!open_) {
      auto header =
        LZ4F_compressBegin(context_, out_.data(), out_.size(), &preferences_);
      if (LZ4F_isError(header))
        return cannot_compress("lz4", LZ4F_getErrorName(header));
      used = header;
      open_ = true;
    }
    auto body =
      LZ4F_compressUpdate(context_, out_.data() + used, out_.size() - used,
                          bytes.data(), bytes.size(), nullptr);
    if (LZ4F_isError(body))
      return cannot_compress("lz4", LZ4F_getErrorName(body));
    out_.resize(used + body);
    return std::string_view{out_};
  }

  caf::expected<std::string_view> finish() override {
    if (!open_)
      return std::string_view{};
    open_ = false;
    out_.resize(LZ4F_compressBound(0, &preferences_));
    auto end = LZ4F_compressEnd(context_, out_.data(), out_.size(), nullptr);
    if (LZ4F_isError(end))
      return cannot_compress("lz4", LZ4F_getErrorName(end));
    out_.resize(end);
    return std::string_view{out_};
  }

private:
  LZ4F_cctx* context_ = nullptr;
  LZ4F_preferences_t preferences_{};
  bool open_ = false;
  std::string out_;
};

} // namespace

bool is_foreign(compression as, std::string_view first_bytes) noexcept {
  switch (as) {
    case compression::gzip:
      return !first_bytes.starts_with(gzip_magic);
    case compression::zstd:
      return !first_bytes.starts_with(zstd_magic);
    case compression::lz4:
      return !first_bytes.starts_with(lz4_magic);
    case compression::none:
      break;
  }
  return first_bytes.starts_with(gzip_magic)
         || first_bytes.starts_with(zstd_magic)
         || first_bytes.starts_with(lz4_magic);
}

std::unique_ptr<frame_encoder> make_frame_encoder(compression as) {
  switch (as) {
    case compression::gzip:
      return std::make_unique<gzip_encoder>();
    case compression::zstd:
      return std::make_unique<zstd_encoder>();
    case compression::lz4:
      return std::make_unique<lz4_encoder>();
    case compression::none:
      break;
  }
  return std::make_unique<plain_encoder>();
}

} // namespace sluice
