#include "core/http/content_coding.hpp"

#include "core/base/ascii.hpp"
#include "core/base/decompress.hpp"
#include "core/http/growing_body.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace sluice {

namespace {

class text_source : public byte_source {
public:
  explicit text_source(std::string_view text) : text_{text} {}

  caf::expected<size_t> read(std::span<char> into) override {
    auto count = std::min(into.size(), text_.size());
    std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

private:
  std::string_view text_;
};

} // namespace

bool is_gzip(const reply_head& head) {
  auto coding = lower_case(head.list_of("content-encoding"));
  return coding == "gzip" || coding == "x-gzip";
}

unpacking unpack_gzip(std::string& body, size_t most) {
  auto source =
    decompressed(compression::gzip, std::make_unique<text_source>(body));
  if (!source)
    return unpacking::damaged;
  std::string content;
  std::vector<char> piece(64 * 1024);
  for (;;) {
    auto count = (*source)->read(piece);
    if (!count)
      return unpacking::damaged;
    if (*count == 0)
      break;
    if (*count > most - content.size())
      return unpacking::too_large;
    append_to_body(content, {piece.data(), *count}, most);
  }
  end_body(content);
  body = std::move(content);
  return unpacking::done;
}

} // namespace sluice
