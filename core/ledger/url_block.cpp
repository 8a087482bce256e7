#include "core/ledger/url_block.hpp"

#include "core/base/url.hpp"

#include <zstd.h>

#include <new>

namespace sluice {

namespace {

/// URLs of one batch resemble each other so much that level 1 comes within a
/// few percent of the higher ones, at several times their speed.
constexpr int level = 1;

/// No batch comes near this size, but a block in a foreign ledger may.
constexpr size_t most_block_bytes = 256 << 20;

caf::error unreadable(const char* why) {
  return make_error(ec::ledger_unusable,
                    std::string{"a block of URLs is damaged: "} + why);
}

} // namespace

void url_packer::freer::operator()(ZSTD_CCtx_s* context) const noexcept {
  ZSTD_freeCCtx(context);
}

url_packer::url_packer() : context_{ZSTD_createCCtx()} {
  if (context_ == nullptr)
    throw std::bad_alloc{};
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
}

caf::expected<std::string_view>
url_packer::pack(const std::vector<std::string_view>& urls) {
  plain_.clear();
  for (auto url : urls) {
    if (url.empty() || url.find('\n') != std::string_view::npos)
      return make_error(ec::internal, "an unchecked URL reached the ledger: '"
                                        + printable(url) + "'");
    plain_.append(url).push_back('\n');
  }
  packed_.resize(ZSTD_compressBound(plain_.size()));
  auto size = ZSTD_compress2(context_.get(), packed_.data(), packed_.size(),
                             plain_.data(), plain_.size());
  if (ZSTD_isError(size))
    return make_error(ec::internal, std::string{"cannot compress URLs: "}
                                      + ZSTD_getErrorName(size));
  return std::string_view{packed_}.substr(0, size);
}

void url_unpacker::freer::operator()(ZSTD_DCtx_s* context) const noexcept {
  ZSTD_freeDCtx(context);
}

url_unpacker::url_unpacker() : context_{ZSTD_createDCtx()} {
  if (context_ == nullptr)
    throw std::bad_alloc{};
}

caf::expected<url_table>
url_unpacker::unpack(std::string_view block, size_t count) {
  auto size = ZSTD_getFrameContentSize(block.data(), block.size());
  // Unknown size and error are the two largest values.
  if (size > most_block_bytes || size / (max_url_bytes + 1) > count
      || size / 2 < count)
    return unreadable("its size is impossible");
  std::string plain(size, '\0');
  auto written = ZSTD_decompressDCtx(context_.get(), plain.data(), plain.size(),
                                     block.data(), block.size());
  if (ZSTD_isError(written))
    return unreadable(ZSTD_getErrorName(written));
  auto is_whole = written == size && plain.ends_with('\n');
  auto urls = url_table::of_lines(std::move(plain), count);
  if (urls.size() != count || !is_whole)
    return unreadable("it holds a different number of URLs");
  return urls;
}

} // namespace sluice
