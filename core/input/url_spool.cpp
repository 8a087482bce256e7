#include "core/input/url_spool.hpp"

#include "core/base/decompress.hpp"
#include "core/base/url.hpp"

#include <cstring>
#include <utility>

namespace sluice {

namespace {

constexpr size_t block_bytes = 128 * 1024;
constexpr size_t window_bytes = 256 * 1024;
constexpr int window_log = 18;

/// Precedes each URL: its robot and its length.
struct entry_header {
  uint32_t robot;
  uint32_t bytes;
};

caf::error no_longer_whole(std::string_view why) {
  return make_error(ec::disk, "the import's temporary data changed on disk ("
                                + std::string{why}
                                + "); check the disk, then run it again");
}

} // namespace

url_spool::url_spool(temp_file file)
    : file_{std::move(file)},
      compressor_{ZSTD_createCCtx(), &ZSTD_freeCCtx},
      compressed_{std::make_unique_for_overwrite<char[]>(block_bytes)} {
  pending_.reserve(block_bytes + sizeof(entry_header) + max_url_bytes);
}

caf::expected<std::unique_ptr<url_spool>>
url_spool::create(const std::filesystem::path& directory) {
  auto file = temp_file::create(directory);
  if (!file)
    return file.error();
  std::unique_ptr<url_spool> spool{new url_spool{std::move(*file)}};
  auto context = spool->compressor_.get();
  if (context == nullptr)
    return make_error(ec::internal,
                      "out of memory while compressing temporary data");
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  return spool;
}

caf::error url_spool::add(uint32_t robot, std::string_view url) {
  entry_header header{robot, static_cast<uint32_t>(url.size())};
  pending_.append(reinterpret_cast<const char*>(&header), sizeof header);
  pending_ += url;
  return pending_.size() < block_bytes ? caf::none : compress(ZSTD_e_continue);
}

caf::error url_spool::compress(ZSTD_EndDirective directive) {
  ZSTD_inBuffer in{pending_.data(), pending_.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{compressed_.get(), block_bytes, 0};
    auto rest = ZSTD_compressStream2(compressor_.get(), &out, &in, directive);
    if (ZSTD_isError(rest))
      return make_error(ec::internal,
                        std::string{"cannot compress temporary data: "}
                          + ZSTD_getErrorName(rest));
    if (auto err = file_.append({compressed_.get(), out.pos}))
      return err;
    auto all_written = directive == ZSTD_e_end ? rest == 0 : in.pos == in.size;
    if (all_written)
      break;
  }
  pending_.clear();
  return caf::none;
}

caf::error url_spool::rewind() {
  if (auto err = compress(ZSTD_e_end))
    return err;
  compressor_.reset();
  auto source =
    decompressed(compression::zstd, std::make_unique<temp_file_source>(file_));
  if (!source)
    return source.error();
  reading_.emplace(std::move(*source), window_bytes);
  return caf::none;
}

/// True if the window holds at least `bytes`; false at the end.
caf::expected<bool> url_spool::hold(size_t bytes) {
  while (reading_->view().size() < bytes && !reading_->ended())
    if (auto err = reading_->fill())
      return code_of(err) == ec::input ? no_longer_whole(what_of(err)) : err;
  return reading_->view().size() >= bytes;
}

caf::expected<std::optional<spooled_url>> url_spool::next() {
  entry_header header{};
  auto more = hold(sizeof header);
  if (!more)
    return more.error();
  if (!*more && reading_->view().empty())
    return std::optional<spooled_url>{};
  if (*more)
    std::memcpy(&header, reading_->view().data(), sizeof header);
  if (!*more || header.bytes > max_url_bytes)
    return no_longer_whole("an entry is damaged");
  auto whole = hold(sizeof header + header.bytes);
  if (!whole)
    return whole.error();
  if (!*whole)
    return no_longer_whole("an entry is truncated");
  auto url = reading_->view().substr(sizeof header, header.bytes);
  reading_->consume(sizeof header + header.bytes);
  return std::optional{spooled_url{header.robot, url}};
}

} // namespace sluice
