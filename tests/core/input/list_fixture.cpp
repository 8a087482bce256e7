#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace sluice::test {

std::string
list_folder::write(const std::string& name, std::string_view content) const {
  std::ofstream out{folder_ / name, std::ios::binary};
  out << content;
  REQUIRE(out.flush());
  return (folder_ / name).string();
}

namespace {

std::string gzip_member(std::string_view content) {
  z_stream stream{};
  REQUIRE(
    deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY)
    == Z_OK);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_frame(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  auto context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), content.data(),
                            content.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::string lz4_frame(std::string_view content) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string out(LZ4F_compressFrameBound(content.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), content.data(),
                                content.size(), &preferences));
  return out;
}

} // namespace

std::string compress(compression kind, std::string_view content) {
  switch (kind) {
    case compression::gzip:
      return gzip_member(content);
    case compression::zstd:
      return zstd_frame(content);
    case compression::lz4:
      return lz4_frame(content);
    default:
      return std::string{content};
  }
}

caf::expected<std::string> read_all(byte_source& source, size_t step) {
  std::string out;
  std::string part(step, '\0');
  for (;;) {
    auto count = source.read(part);
    if (!count)
      return count.error();
    if (*count == 0)
      return out;
    out.append(part, 0, *count);
  }
}

caf::expected<size_t> memory_source::read(std::span<char> into) {
  auto count = std::min({step_, into.size(), bytes_.size() - at_});
  std::copy_n(bytes_.data() + at_, count, into.data());
  at_ += count;
  return count;
}

caf::error
recording_target::add_batch(std::string_view robot,
                            const std::vector<std::string_view>& urls) {
  batches.emplace_back(robot,
                       std::vector<std::string>{urls.begin(), urls.end()});
  return refuse;
}

caf::error recording_target::add_list(const list_identity& list) {
  lists.push_back(list);
  return {};
}

caf::error recording_target::add_invalid(const invalid_record& record) {
  invalid.push_back(record);
  return caf::none;
}

std::vector<std::string>
recording_target::urls_of(std::string_view robot) const {
  std::vector<std::string> out;
  for (auto& [name, urls] : batches)
    if (name == robot)
      out.insert(out.end(), urls.begin(), urls.end());
  return out;
}

} // namespace sluice::test
