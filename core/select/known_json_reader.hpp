// Reads text that is known to be JSON, as each capture is, faster than the
// readers that find out. It calls a handler as json_reader.hpp does, but does
// not check escapes, nor look into what the handler skips.
//
// Of text that is not JSON it may report anything or give up. It reads nothing
// beyond the text, and uses no stack for nested values.

#pragma once

#include "core/base/json_reader.hpp"
#include "core/base/json_scan.hpp"

#include <bit>
#include <bitset>
#include <cstdint>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sluice {

/// The handler has the members that json_reader.hpp asks for, and this one:
///
///   bool skips();  // after `open`: needs to know only where it is closed
template <class Handler>
class known_json_reader {
public:
  known_json_reader(std::string_view text, Handler& handler)
      : front_{text.data()},
        at_{text.data() + after_mark(text, 0)},
        end_{text.data() + text.size()},
        handler_{handler} {}

  /// False if it gave up, so that the text is no JSON, is nested too deep or
  /// was stopped by the handler.
  [[nodiscard, gnu::flatten]] bool read() {
    if (!value())
      return false;
    while (depth_ > 0)
      if (!rest())
        return false;
    return next() == end_;
  }

private:
  [[nodiscard]] size_t offset(const char* at) const {
    return static_cast<size_t>(at - front_);
  }

  /// Skips blanks.
  const char* next() { return at_ = json_scan::blanks(at_, end_); }

  [[nodiscard]] bool is_next(char c) { return next() != end_ && *at_ == c; }

  [[nodiscard]] char closing() const { return in_array_ ? ']' : '}'; }

  /// Reads what follows a value: a bracket, or a comma and the next value.
  bool rest() {
    if (is_next(closing()))
      return close();
    if (!is_next(','))
      return false;
    ++at_;
    return (in_array_ || name()) && value();
  }

  /// Reads a value up to its end, or up to the end of the first scalar, empty
  /// or skipped container inside it.
  bool value() {
    for (;;) {
      if (next() == end_)
        return false;
      if (*at_ != '{' && *at_ != '[')
        return scalar();
      if (!handler_.open(*at_ == '[', offset(at_)))
        return false;
      if (handler_.skips())
        return skip();
      if (!enter())
        return false;
      if (is_next(closing()))
        return close();
      if (!in_array_ && !name())
        return false;
    }
  }

  bool enter() {
    if (depth_ == max_json_depth)
      return false;
    in_array_ = *at_++ == '[';
    arrays_[depth_++] = in_array_;
    return true;
  }

  bool close() {
    --depth_;
    in_array_ = depth_ > 0 && arrays_[depth_ - 1];
    return handler_.close(offset(++at_));
  }

  bool name() {
    json_token token;
    if (!is_next('"') || !string(token) || !handler_.name(token)
        || !is_next(':'))
      return false;
    ++at_;
    return true;
  }

  bool scalar() {
    json_token token;
    return (*at_ == '"' ? string(token) : plain(token))
           && handler_.scalar(token);
  }

  /// REQUIRES: a quote is next.
  bool string(json_token& token) {
    auto begin = at_++;
    if (!to_quote(token.escaped))
      return false;
    token.kind = json_kind::string;
    token.text = {begin + 1, static_cast<size_t>(at_ - begin - 1)};
    token.begin = offset(begin);
    token.end = offset(++at_);
    return true;
  }

  /// Moves to the quote that ends a string.
  bool to_quote(bool& escaped) {
#ifdef __SSE2__
    for (; end_ - at_ > block; at_ += block)
      if (auto found = special_bytes(); found.quotes | found.backslashes)
        if (leave_block(found, escaped))
          return true;
#endif
    for (; at_ != end_ && *at_ != '"'; ++at_)
      if (*at_ == '\\') {
        escaped = true;
        if (++at_ == end_)
          return false;
      }
    return at_ != end_;
  }

#ifdef __SSE2__
  static constexpr ptrdiff_t block = 16; ///< bytes looked at together

  /// One bit for each byte of a block, the lowest for the first.
  struct special {
    unsigned quotes;
    unsigned backslashes;
  };

  [[nodiscard]] special special_bytes() const {
    auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
    auto where = [&](char c) {
      return static_cast<unsigned>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))));
    };
    return {where('"'), where('\\')};
  }

  /// Moves to the quote that ends the string; false if it is not in this block.
  /// An escape at the end of the block moves the next block on by a byte.
  bool leave_block(const special& found, bool& escaped) {
    auto left = found.quotes | found.backslashes;
    while (left != 0) {
      auto place = std::countr_zero(left);
      if ((found.quotes >> place & 1) != 0) {
        at_ += place;
        return true;
      }
      escaped = true;
      if (place == block - 1)
        ++at_;
      left &= ~(3U << place);
    }
    return false;
  }
#endif

  /// Reads a number or a word.
  bool plain(json_token& token) {
    auto begin = at_;
    while (at_ != end_ && *at_ != ',' && *at_ != ']' && *at_ != '}'
           && static_cast<unsigned char>(*at_) > ' ')
      ++at_;
    token.text = {begin, static_cast<size_t>(at_ - begin)};
    token.begin = offset(begin);
    token.end = offset(at_);
    if (token.text == "null")
      token.kind = json_kind::null;
    else if (token.text == "true")
      token.kind = json_kind::yes;
    else if (token.text == "false")
      token.kind = json_kind::no;
    else
      return is_number(token);
    return true;
  }

  static bool is_number(json_token& token) {
    auto bad = false;
    auto end = token.text.data() + token.text.size();
    token.kind = json_kind::number;
    return json_scan::number(token.text.data(), end, bad) == end && !bad;
  }

  /// Reads to the end of the container that begins here.
  bool skip() {
    size_t open = 0;
    auto escaped = false;
    do {
      at_ = mark(at_, end_);
      if (at_ == end_)
        return false;
      auto c = *at_++;
      if (c == '"') {
        if (!to_quote(escaped))
          return false;
        ++at_;
      } else if (c == '{' || c == '[') {
        ++open;
      } else {
        --open;
      }
    } while (open > 0);
    return handler_.close(offset(at_));
  }

  /// The first quote or bracket.
  static const char* mark(const char* at, const char* end) {
#ifdef __SSE2__
    const auto quote = _mm_set1_epi8('"');
    const auto letter_case =
      _mm_set1_epi8(0x20); // [ and {, ] and } differ by it
    const auto opening = _mm_set1_epi8('{');
    const auto closing = _mm_set1_epi8('}');
    for (; end - at >= 16; at += 16) {
      auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      auto folded = _mm_or_si128(bytes, letter_case);
      auto bracket = _mm_or_si128(_mm_cmpeq_epi8(folded, opening),
                                  _mm_cmpeq_epi8(folded, closing));
      auto found = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(bracket, _mm_cmpeq_epi8(bytes, quote))));
      if (found != 0)
        return at + std::countr_zero(found);
    }
#endif
    while (at != end && *at != '"' && *at != '{' && *at != '[' && *at != '}'
           && *at != ']')
      ++at;
    return at;
  }

  const char* front_;
  const char* at_;
  const char* end_;
  Handler& handler_;
  std::bitset<max_json_depth> arrays_; ///< which open levels are arrays
  size_t depth_ = 0;                   ///< levels that are open, not skipped
  bool in_array_ = false;
};

template <class Handler>
[[nodiscard]] bool read_known_json(std::string_view text, Handler& handler) {
  return known_json_reader<Handler>{text, handler}.read();
}

} // namespace sluice
