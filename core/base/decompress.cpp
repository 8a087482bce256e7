#include "core/base/decompress.hpp"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

constexpr size_t input_bytes = 64 * 1024;
constexpr int max_zstd_window_log = 23;

caf::error damaged(std::string_view kind, std::string_view detail) {
  return make_error(ec::input, "the " + std::string{kind} + " data is damaged ("
                                 + printable(detail) + "); get it again");
}

caf::error out_of_memory() {
  return make_error(ec::internal, "out of memory while decompressing");
}

/// The common part of the three formats: reads input in pieces, and checks at
/// its end that the data is complete.
class decompressor : public byte_source {
public:
  decompressor(std::string_view kind, std::unique_ptr<byte_source> compressed)
      : kind_{kind},
        compressed_{std::move(compressed)},
        buffer_{std::make_unique<char[]>(input_bytes)} {}

  caf::expected<size_t> read(std::span<char> into) override {
    for (;;) {
      auto before = input_.size();
      auto produced = step(input_, into);
      if (!produced || *produced > 0)
        return produced;
      if (!input_.empty() && input_.size() == before)
        return damaged(kind_, "decompression makes no progress");
      if (!input_.empty())
        continue;
      auto count = compressed_->read({buffer_.get(), input_bytes});
      if (!count)
        return count;
      if (*count == 0)
        return end();
      input_ = {buffer_.get(), *count};
    }
  }

protected:
  /// Decompresses some of `input` into `output`, removes the consumed bytes
  /// from the front of `input`, and returns the number of bytes produced. 0
  /// means that more input is needed.
  virtual caf::expected<size_t>
  step(std::string_view& input, std::span<char> output) = 0;

  std::string_view kind_;
  /// True when a member or frame is complete and none has begun since.
  bool complete_ = false;

private:
  caf::expected<size_t> end() const {
    if (complete_)
      return size_t{0};
    return make_error(ec::input, "the " + std::string{kind_}
                                   + " data ends too early; get it again");
  }

  std::unique_ptr<byte_source> compressed_;
  std::unique_ptr<char[]> buffer_;
  std::string_view input_;
};

class gzip_source : public decompressor {
public:
  explicit gzip_source(std::unique_ptr<byte_source> compressed)
      : decompressor{"gzip", std::move(compressed)} {}

  ~gzip_source() override { inflateEnd(&stream_); }

  bool init() {
    constexpr int gzip_only = 16;
    return inflateInit2(&stream_, MAX_WBITS + gzip_only) == Z_OK;
  }

protected:
  caf::expected<size_t>
  step(std::string_view& input, std::span<char> output) override {
    if (complete_)
      skip_padding(input);
    if (complete_ && input.empty())
      return size_t{0};
    if (padded_)
      return damaged(kind_, "data follows the padding");
    if (std::exchange(complete_, false))
      inflateReset(&stream_);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    auto status = inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(input.size() - stream_.avail_in);
    if (status == Z_STREAM_END)
      complete_ = true;
    else if (status != Z_OK && status != Z_BUF_ERROR)
      return damaged(kind_, stream_.msg != nullptr ? stream_.msg : "not gzip");
    return output.size() - stream_.avail_out;
  }

private:
  /// Like gzip(1), skips zeros after the last member, which pad a tape or disk
  /// block.
  void skip_padding(std::string_view& input) {
    auto count = std::min(input.find_first_not_of('\0'), input.size());
    padded_ = padded_ || count > 0;
    input.remove_prefix(count);
  }

  z_stream stream_{};
  bool padded_ = false;
};

class zstd_source : public decompressor {
public:
  explicit zstd_source(std::unique_ptr<byte_source> compressed)
      : decompressor{"zstd", std::move(compressed)},
        context_{ZSTD_createDCtx(), &ZSTD_freeDCtx} {}

  bool init() {
    return context_ != nullptr
           && !ZSTD_isError(ZSTD_DCtx_setParameter(
             context_.get(), ZSTD_d_windowLogMax, max_zstd_window_log));
  }

protected:
  caf::expected<size_t>
  step(std::string_view& input, std::span<char> output) override {
    if (complete_ && input.empty())
      return size_t{0};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    auto rest = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(rest))
      return failure(rest);
    if (in.pos > 0 || out.pos > 0)
      complete_ = rest == 0;
    input.remove_prefix(in.pos);
    return out.pos;
  }

private:
  caf::error failure(size_t code) const {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
      return make_error(ec::input, "the zstd data needs a window of more than "
                                   "8 MiB; compress it with level 19 "
                                   "or lower, without --long");
    return damaged(kind_, ZSTD_getErrorName(code));
  }

  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
};

class lz4_source : public decompressor {
public:
  explicit lz4_source(std::unique_ptr<byte_source> compressed)
      : decompressor{"lz4", std::move(compressed)} {}

  ~lz4_source() override { LZ4F_freeDecompressionContext(context_); }

  bool init() {
    return !LZ4F_isError(
      LZ4F_createDecompressionContext(&context_, LZ4F_VERSION));
  }

protected:
  caf::expected<size_t>
  step(std::string_view& input, std::span<char> output) override {
    if (complete_ && input.empty())
      return size_t{0};
    auto used = input.size();
    auto produced = output.size();
    auto rest = LZ4F_decompress(context_, output.data(), &produced,
                                input.data(), &used, nullptr);
    if (LZ4F_isError(rest))
      return damaged(kind_, LZ4F_getErrorName(rest));
    if (used > 0 || produced > 0)
      complete_ = rest == 0;
    input.remove_prefix(used);
    return produced;
  }

private:
  LZ4F_dctx* context_ = nullptr;
};

template <class Source>
caf::expected<std::unique_ptr<byte_source>>
make(std::unique_ptr<byte_source> compressed) {
  auto source = std::make_unique<Source>(std::move(compressed));
  if (!source->init())
    return out_of_memory();
  return std::unique_ptr<byte_source>{std::move(source)};
}

} // namespace

caf::expected<std::unique_ptr<byte_source>>
decompressed(compression kind, std::unique_ptr<byte_source> compressed) {
  switch (kind) {
    case compression::gzip:
      return make<gzip_source>(std::move(compressed));
    case compression::zstd:
      return make<zstd_source>(std::move(compressed));
    case compression::lz4:
      return make<lz4_source>(std::move(compressed));
    case compression::none:
      break;
  }
  return compressed;
}

} // namespace sluice
