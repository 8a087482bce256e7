#include "core/base/json_index.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace sluice {

namespace {

constexpr auto padding = simdjson::SIMDJSON_PADDING;
constexpr size_t largest_piece = 1 << 20;

/// True if the unescaped quote at `at` begins a string, provided that the text
/// is JSON: a byte that can follow the end of a string cannot follow this
/// quote. If the text is not JSON, its tokens show that, wherever it is cut.
bool begins_string(std::string_view text, size_t at) {
  constexpr std::string_view after_string = ",:]} \t\r\n";
  return text[at - 1] != '\\'
         && after_string.find(text[at + 1]) == after_string.npos;
}

} // namespace

struct json_index::parser {
  simdjson::ondemand::parser indexer;
};

json_index::json_index(size_t piece_bytes)
    : piece_bytes_{piece_bytes},
      parser_{std::make_unique<parser>()},
      last_{std::make_unique<char[]>(piece_bytes + padding)} {}

json_index::~json_index() = default;

void json_index::start(std::string_view text, size_t begin, size_t end) {
  text_ = text;
  begin_ = begin;
  end_ = end;
}

void json_index::end() {
  if (parser_->indexer.capacity() > piece_bytes_)
    parser_ = std::make_unique<parser>();
}

bool json_index::next(indexed_piece& piece) {
  auto size = piece_size();
  if (size == 0)
    return false;
  auto& indexer = parser_->indexer;
  constexpr size_t depth = 1; // the index has no depth
  if (indexer.capacity() < size
      && indexer.allocate(std::max(size, piece_bytes_), depth)
           != simdjson::SUCCESS)
    return false;
  auto front = text_.data() + begin_;
  auto data = front;
  if (text_.size() - begin_ - size < padding) {
    std::fill_n(std::copy_n(front, size, last_.get()), padding, '\0');
    data = last_.get();
  }
  simdjson::ondemand::json_iterator tokens;
  if (indexer
        .iterate_raw(simdjson::padded_string_view{data, size, size + padding})
        .get(tokens)
      != simdjson::SUCCESS)
    return false;
  piece = {front, front + size, tokens.position()};
  begin_ += size;
  return true;
}

/// The size of the next piece; 0 at the end of the text.
size_t json_index::piece_size() const {
  auto left = end_ - begin_;
  if (left <= piece_bytes_)
    return left;
  constexpr size_t index_bytes = sizeof(uint32_t);
  auto most =
    std::max(piece_bytes_, std::min(text_.size() / index_bytes, largest_piece));
  for (auto limit = piece_bytes_; limit <= most; limit *= 2)
    if (auto size = size_up_to(limit); size > 0)
      return size;
  return 0;
}

/// The size of the largest piece of less than `limit` bytes that ends before a
/// string; 0 if no such place was found.
size_t json_index::size_up_to(size_t limit) const {
  auto room = text_.size() - begin_;
  if (room <= padding)
    return 0;
  auto found = begin_ + std::min({limit, end_ - begin_, room - padding});
  while (found > begin_ + 1) {
    auto first = text_.data() + begin_ + 1;
    auto quote = ::memrchr(first, '"', found - begin_ - 1);
    if (quote == nullptr)
      return 0;
    found = static_cast<size_t>(static_cast<const char*>(quote) - text_.data());
    if (begins_string(text_, found))
      return found - begin_;
  }
  return 0;
}

} // namespace sluice
