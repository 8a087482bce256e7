#include "core/content_coding.hpp"

#include "core/ascii.hpp"
#include "core/decompress.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

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
  constexpr size_t step = 64 * 1024;
  auto source =
    decompressed(compression::gzip, std::make_unique<text_source>(body));
  if (!source)
    return unpacking::damaged;
  std::string content;
  for (;;) {
    auto begin = content.size();
    content.resize(begin + step);
    auto count = (*source)->read({content.data() + begin, step});
    if (!count)
      return unpacking::damaged;
    content.resize(begin + *count);
    if (content.size() > most)
      return unpacking::too_large;
    if (*count == 0)
      break;
  }
  body = std::move(content);
  return unpacking::done;
}

} // namespace sluice
