// Reads one JSON text exactly as RFC 8259 defines it and reports each token to
// a handler. Nothing is copied or converted on the way: a number of any size
// stays text, and a string is decoded only on request.
//
// This reader decides what is JSON, and says what is wrong. The pages of
// captures are first tried with a faster one (indexed_json_reader.hpp).
// RapidJSON is used for writing; its reader refuses numbers from 1e309 up,
// integers of more than 308 digits and unpaired surrogate escapes, all of which
// RFC 8259 allows, and its documents take up to 16 times the size of the text.
//
// - Nesting is limited to max_json_depth levels, and uses no stack.
// - A UTF-8 byte order mark at the front of the text is skipped.
// - Bytes above 0x7f are not checked: a string may be invalid UTF-8.
// - A zero byte is a byte like any other. It does not end the text.

#pragma once

#include "core/base/json_scan.hpp"

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Maximum nesting of objects and arrays; a deeper text is refused.
inline constexpr size_t max_json_depth = 256;

enum class json_kind : uint8_t { null, yes, no, number, string };

/// A value other than an object or array, or the name of a member.
struct json_token {
  json_kind kind = json_kind::null;
  /// A string: the bytes between its quotes, escapes as written. Anything else:
  /// its bytes. A view of the text being read.
  std::string_view text;
  bool escaped = false; ///< a string with escapes
  size_t begin = 0;     ///< offset of its first byte, which is a string's quote
  size_t end = 0;       ///< one past its last byte
};

/// The value of a string token: `token.text` itself, or its decoded form in
/// `scratch`. An unpaired surrogate escape becomes the three bytes that UTF-8
/// would use for it (WTF-8), so that different escapes stay different. Returns
/// at most the first `most` bytes.
[[nodiscard]] std::string_view json_text(const json_token& token,
                                         std::string& scratch,
                                         size_t most = std::string_view::npos);

/// Why a text was not read to its end.
struct json_defect {
  size_t at = 0; ///< offset of the offending byte
  /// A few words; empty when the handler stopped the reading.
  std::string_view what;
};

/// The offset after a byte order mark at `begin`; `begin` if no mark is there.
[[nodiscard]] inline size_t after_mark(std::string_view text, size_t begin) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.substr(begin).starts_with(mark) ? begin + mark.size() : begin;
}

/// Reads `text` from offset `begin` to its end, which must be one JSON text.
/// All offsets count from the front of `text`. The handler has these members;
/// any of them can return false to stop the reading:
///
///   bool name(const json_token&);         // of a member, before its value
///   bool scalar(const json_token&);       // a whole value
///   bool open(bool is_array, size_t at);  // its bracket is at `at`
///   bool close(size_t end);               // of the innermost open one
template <class Handler>
class json_reader {
public:
  json_reader(std::string_view text, size_t begin, Handler& handler)
      : front_{text.data()},
        at_{text.data() + after_mark(text, begin)},
        end_{text.data() + text.size()},
        handler_{handler} {}

  [[nodiscard]] std::optional<json_defect> read() {
    if (value() && rest())
      return std::nullopt;
    return defect_;
  }

private:
  [[nodiscard]] size_t offset() const {
    return static_cast<size_t>(at_ - front_);
  }

  bool stop(std::string_view what) {
    defect_ = {offset(), what};
    return false;
  }

  /// Passes on a handler's answer; `at` is the start of the token it was given.
  bool told(bool go_on, size_t at) {
    if (!go_on)
      defect_ = {at, {}};
    return go_on;
  }

  /// Skips blanks and gives the next byte; false at the end of the text.
  bool next(char& c) {
    at_ = json_scan::blanks(at_, end_);
    if (at_ == end_)
      return stop("the text ends too early");
    c = *at_;
    return true;
  }

  /// Reads a value up to its end, or up to the end of the first scalar or empty
  /// container inside it.
  bool value() {
    for (;;) {
      char c = 0;
      if (!next(c))
        return false;
      if (c != '{' && c != '[')
        return scalar(c);
      if (!open(c == '[') || !next(c))
        return false;
      if (c == closing())
        return close();
      if (!in_array_ && !name())
        return false;
    }
  }

  /// Reads what follows a value.
  bool rest() {
    while (depth_ > 0) {
      char c = 0;
      if (!next(c))
        return false;
      if (c == closing()) {
        if (!close())
          return false;
        continue;
      }
      if (c != ',')
        return stop(in_array_ ? "neither \",\" nor \"]\" follows an element"
                              : "neither \",\" nor \"}\" follows a member");
      ++at_;
      if ((!in_array_ && !name()) || !value())
        return false;
    }
    at_ = json_scan::blanks(at_, end_);
    return at_ == end_ || stop("more text follows the JSON value");
  }

  [[nodiscard]] char closing() const { return in_array_ ? ']' : '}'; }

  bool open(bool is_array) {
    static_assert(max_json_depth == 256);
    if (depth_ == max_json_depth)
      return stop("nested too deep, more than 256 levels");
    if (!told(handler_.open(is_array, offset()), offset()))
      return false;
    arrays_[depth_++] = is_array;
    in_array_ = is_array;
    ++at_;
    return true;
  }

  bool close() {
    ++at_;
    --depth_;
    in_array_ = depth_ > 0 && arrays_[depth_ - 1];
    return told(handler_.close(offset()), offset() - 1);
  }

  bool name() {
    char c = 0;
    json_token token;
    if (!next(c))
      return false;
    if (c != '"')
      return stop("the name of a member does not begin with a quote");
    if (!string(token) || !told(handler_.name(token), token.begin) || !next(c))
      return false;
    if (c != ':')
      return stop("no \":\" follows the name of a member");
    ++at_;
    return true;
  }

  bool scalar(char first) {
    json_token token;
    return read(first, token) && told(handler_.scalar(token), token.begin);
  }

  bool read(char first, json_token& token) {
    switch (first) {
      case '"':
        return string(token);
      case 'n':
        return word("null", json_kind::null, token);
      case 't':
        return word("true", json_kind::yes, token);
      case 'f':
        return word("false", json_kind::no, token);
      default:
        return number(first, token);
    }
  }

  bool word(std::string_view wanted, json_kind kind, json_token& token) {
    std::string_view left{at_, static_cast<size_t>(end_ - at_)};
    if (!left.starts_with(wanted))
      return stop("not a JSON value");
    return take(kind, at_ + wanted.size(), token);
  }

  bool number(char first, json_token& token) {
    if (first != '-' && (first < '0' || first > '9'))
      return stop("not a JSON value");
    auto bad = false;
    auto end = json_scan::number(at_, end_, bad);
    if (bad) {
      at_ = end;
      return stop("a number lacks a digit");
    }
    return take(json_kind::number, end, token);
  }

  /// Takes the bytes up to `end` as a token.
  bool take(json_kind kind, const char* end, json_token& token) {
    token.kind = kind;
    token.begin = offset();
    token.text = {at_, static_cast<size_t>(end - at_)};
    at_ = end;
    token.end = offset();
    return true;
  }

  /// REQUIRES: a quote is next.
  bool string(json_token& token) {
    token.kind = json_kind::string;
    token.begin = offset();
    auto begin = ++at_;
    for (;;) {
      at_ = json_scan::plain(at_, end_);
      if (at_ == end_)
        return stop("a string is not terminated");
      if (*at_ == '"')
        break;
      if (*at_ != '\\')
        return stop("a string holds a raw control character");
      auto after = json_scan::escape(at_, end_);
      if (after == nullptr)
        return stop("a string holds an invalid escape");
      token.escaped = true;
      at_ = after;
    }
    token.text = {begin, static_cast<size_t>(at_ - begin)};
    ++at_;
    token.end = offset();
    return true;
  }

  const char* front_;
  const char* at_;
  const char* end_;
  Handler& handler_;
  std::bitset<max_json_depth> arrays_; ///< which open levels are arrays
  size_t depth_ = 0;                   ///< how many levels are open
  bool in_array_ = false;
  json_defect defect_;
};

template <class Handler>
[[nodiscard]] std::optional<json_defect>
read_json(std::string_view text, size_t begin, Handler& handler) {
  return json_reader<Handler>{text, begin, handler}.read();
}

} // namespace sluice
