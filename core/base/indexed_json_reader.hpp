// Reads JSON like json_reader.hpp, but faster, and may give up. If it reads to
// the end, the text is JSON, and the handler was called as json_reader.hpp
// would have called it.
//
// It gives up on every text that is not JSON or that json_reader.hpp refuses,
// whenever the handler stops it, and on a few texts that json_reader.hpp
// accepts: those that are not valid UTF-8, and those with very long strings or
// lists of numbers (json_index.hpp). json_reader.hpp then decides, and says
// what is wrong.
//
// The index only says where tokens begin. Each token is checked here, from its
// first byte to the blanks before the next token, so nothing between two tokens
// goes unread.

#pragma once

#include "core/base/escape_finder.hpp"
#include "core/base/json_index.hpp"
#include "core/base/json_reader.hpp"

#include <array>
#include <string_view>

namespace sluice {

/// The handler has the members that json_reader.hpp asks for, and this one:
///
///   bool skips();  // after `open`: needs to know only where it is closed
template <class Handler>
class indexed_json_reader {
public:
  indexed_json_reader(json_index& index, std::string_view text,
                      Handler& handler)
      : index_{index}, front_{text.data()}, handler_{handler} {}

  /// False if it gave up; the handler has then seen only a part.
  [[nodiscard]] bool read() {
    return refill() && values<true>(0) && next() == piece_.end
           && index_.at_end();
  }

private:
  [[nodiscard]] size_t offset(const char* at) const {
    return static_cast<size_t>(at - front_);
  }

  /// Where the next token of the piece begins; the end of the piece if there is
  /// none.
  [[nodiscard]] const char* next() const { return piece_.front + *token_; }

  [[gnu::noinline]] bool refill() {
    if (!index_.next(piece_))
      return false;
    token_ = piece_.tokens;
    escapes_.start(piece_.front, piece_.end);
    return true;
  }

  /// Where the next token begins; nullptr at the end of the text.
  const char* peek() {
    auto at = next();
    if (at != piece_.end) [[likely]]
      return at;
    return refill() ? next() : nullptr;
  }

  const char* take() {
    auto at = peek();
    ++token_;
    return at;
  }

  /// The bracket that closes the innermost container.
  [[nodiscard]] char closing() const { return closings_[depth_]; }

  // The functions below return false to give up. Without `told`, the handler is
  // not called.

  /// Reads values until only `outer` containers are open.
  template <bool told>
  [[gnu::flatten]] bool values(size_t outer) {
    do {
      if (closing() == '}' && !name<told>())
        return false;
      auto at = take();
      if (at == nullptr)
        return false;
      auto before = depth_;
      auto is_container = *at == '{' || *at == '[';
      if (is_container ? !open<told>(at) : !scalar<told>(at))
        return false;
      if (depth_ == before && !rest<told>(outer))
        return false;
    } while (depth_ > outer);
    return true;
  }

  /// Reads what follows a value, up to the next comma.
  template <bool told>
  bool rest(size_t outer) {
    while (depth_ > outer) {
      auto at = take();
      if (at == nullptr)
        return false;
      if (*at == ',')
        return true;
      if (*at != closing() || !close<told>(at))
        return false;
    }
    return true;
  }

  /// Reads a bracket, and also the whole container if it is empty or skipped.
  template <bool told>
  bool open(const char* at) {
    if (depth_ == max_json_depth)
      return false;
    auto is_array = *at == '[';
    if (told && !handler_.open(is_array, offset(at)))
      return false;
    closings_[++depth_] = is_array ? ']' : '}';
    auto inner = peek();
    if (inner == nullptr)
      return false;
    if (*inner == closing()) {
      ++token_;
      return close<told>(inner);
    }
    return !told || !handler_.skips() || skip();
  }

  [[gnu::noinline]] bool skip() {
    return values<false>(depth_ - 1)
           && handler_.close(offset(piece_.front + token_[-1]) + 1);
  }

  template <bool told>
  bool close(const char* at) {
    --depth_;
    return !told || handler_.close(offset(at) + 1);
  }

  template <bool told>
  bool name() {
    auto at = take();
    if (at == nullptr || *at != '"' || !string<told, true>(at))
      return false;
    at = take();
    return at != nullptr && *at == ':';
  }

  template <bool told>
  bool scalar(const char* at) {
    switch (*at) {
      case '"':
        return string<told, false>(at);
      case 'n':
        return word<told>(at, "null", json_kind::null);
      case 't':
        return word<told>(at, "true", json_kind::yes);
      case 'f':
        return word<told>(at, "false", json_kind::no);
      default:
        return number<told>(at);
    }
  }

  template <bool told>
  bool word(const char* at, std::string_view wanted, json_kind kind) {
    std::string_view token{at, static_cast<size_t>(next() - at)};
    return token.starts_with(wanted)
           && take<told>(kind, at, at + wanted.size());
  }

  template <bool told>
  bool number(const char* at) {
    if (*at != '-' && (*at < '0' || *at > '9'))
      return false;
    auto bad = false;
    auto end = json_scan::number(at, next(), bad);
    return !bad && take<told>(json_kind::number, at, end);
  }

  /// Takes a value that is not a string. Only blanks may follow it.
  template <bool told>
  bool take(json_kind kind, const char* at, const char* end) {
    if (json_scan::blanks(end, next()) != next())
      return false;
    if constexpr (told) {
      json_token token{.kind = kind,
                       .text = {at, static_cast<size_t>(end - at)},
                       .begin = offset(at),
                       .end = offset(end)};
      return handler_.scalar(token);
    }
    return true;
  }

  /// Reads a string that begins at `at`. Its closing quote is the last byte
  /// before the next token that is not a blank.
  template <bool told, bool is_name>
  bool string(const char* at) {
    auto end = next() - 1;
    while (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t')
      --end;
    if (end == at || *end != '"')
      return false;
    auto escaped = escapes_.next() < end;
    if (escaped && !escapes_.check(end))
      return false;
    if constexpr (told) {
      json_token token{.kind = json_kind::string,
                       .text = {at + 1, static_cast<size_t>(end - at - 1)},
                       .escaped = escaped,
                       .begin = offset(at),
                       .end = offset(end) + 1};
      return is_name ? handler_.name(token) : handler_.scalar(token);
    }
    return true;
  }

  json_index& index_;
  const char* front_;
  Handler& handler_;
  indexed_piece piece_;
  const uint32_t* token_ = nullptr; ///< the next one of the piece
  escape_finder escapes_;
  size_t depth_ = 0;
  /// The brackets that close the open containers, from the outermost on.
  std::array<char, max_json_depth + 1> closings_{};
};

/// Reads the bytes of `text` from `begin` to `end`; false if it gave up.
template <class Handler>
[[nodiscard]] bool
read_indexed_json(json_index& index, std::string_view text, size_t begin,
                  size_t end, Handler& handler) {
  index.start(text, after_mark(text, begin), end);
  auto done = indexed_json_reader<Handler>{index, text, handler}.read();
  index.end();
  return done;
}

} // namespace sluice
