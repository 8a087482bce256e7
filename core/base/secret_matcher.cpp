#include "core/base/secret_matcher.hpp"

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"

#include <algorithm>
#include <set>

namespace sluice {

namespace {

constexpr size_t shortest = 4;
constexpr size_t distinctive = 8;

/// How many levels of nested escapes are undone.
constexpr int most_levels = 4;

/// Texts are searched in parts of this size, so that memory use does not grow
/// with the text.
constexpr size_t part = 16 << 10;
/// Bytes of the previous part to include: what may precede a secret.
constexpr size_t lead = 64;
/// The maximum number of bytes that one byte of a secret can take in a text:
/// two levels of the longest escape, `\U00000041`.
constexpr size_t most_expansion = 100;

constexpr std::string_view mask_text = "***";

size_t pair_of(char first, char second) {
  return static_cast<unsigned char>(first) * size_t{256}
         + static_cast<unsigned char>(second);
}

bool is_blank_or_plus(char c) {
  return c == ' ' || c == '+';
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c);
}

bool is_base64(char c) {
  return is_word(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

std::string for_urls(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string without_padding(std::string text) {
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

/// The base64 digits that every encoded text shares if it contains `secret`
/// after `before` bytes, or after 3 more, and so on.
std::string core_of_base64(std::string_view secret, size_t before) {
  auto text = std::string(before, 'x') + std::string{secret};
  auto whole = without_padding(base64(text));
  auto begin = before == 0 ? 0 : before + 1;
  auto end = text.size() * 8 / 6; // the last digit may depend on the next byte
  return whole.substr(begin, end - begin);
}

std::string hexadecimal(std::string_view text, std::string_view digits) {
  std::string result;
  for (unsigned char byte : text)
    result += {digits[byte >> 4], digits[byte & 15]};
  return result;
}

/// The end of the user info that begins at `at`, after `://`; `at` if none.
size_t end_of_user_info(std::string_view text, size_t at) {
  constexpr size_t longest = 1024;
  auto rest = text.substr(at, longest);
  for (size_t i = 0; i < rest.size(); ++i)
    if (static_cast<unsigned char>(rest[i]) <= ' '
        || std::string_view{"/?#\"<>\\"}.find(rest[i])
             != std::string_view::npos)
      rest = rest.substr(0, i);
  auto sign = rest.rfind('@');
  return sign == std::string_view::npos ? at : at + sign;
}

} // namespace

secret_matcher::secret_matcher() : groups_(1), group_of_pair_(256 * 256) {}

bool secret_matcher::knows(std::string_view secret, bool is_key) const {
  auto is_known = [&](auto& one) {
    return one.text == secret && (one.is_key || !is_key);
  };
  return secret.size() < shortest
         || std::any_of(known_.begin(), known_.end(), is_known);
}

void secret_matcher::add(std::string_view secret, bool is_key) {
  if (knows(secret, is_key))
    return;
  known_.push_back({std::string{secret}, is_key});
  longest_ = std::max(longest_, secret.size());
  // A search also undoes what merely looks like an escape in a secret.
  std::string undone{secret};
  for (int level = 0; level <= most_levels; ++level) {
    if (undone.size() < shortest)
      return;
    add_forms(undone, is_key);
    auto next = undo_escapes(undone, {}).bytes;
    if (next == undone)
      return;
    undone = std::move(next);
  }
}

void secret_matcher::add_forms(std::string_view secret, bool is_key) {
  auto is_distinctive = secret.size() >= distinctive;
  auto plain = is_distinctive ? form::as_is : form::word;
  auto text = std::string{secret};
  add_pattern({text, plain, is_key, true});
  std::set<std::string> codes;
  if (is_distinctive)
    codes = {core_of_base64(secret, 0), core_of_base64(secret, 1),
             core_of_base64(secret, 2)};
  else
    codes = {without_padding(base64(text)),
             without_padding(base64(text + ':'))};
  for (auto& code : std::set<std::string>{codes})
    codes.insert(for_urls(code));
  for (auto& code : codes)
    add_pattern({code, is_distinctive ? form::base64 : form::word, is_key});
  for (auto* digits : {"0123456789abcdef", "0123456789ABCDEF"})
    add_pattern({hexadecimal(secret, digits), plain, is_key});
}

void secret_matcher::add_pattern(const pattern& wanted) {
  auto first = wanted.bytes[0];
  auto second = wanted.bytes[1];
  add_to_group(first, second, wanted);
  if (!wanted.plus_is_blank)
    return;
  auto other = [](char c) { return c == ' ' ? '+' : c == '+' ? ' ' : c; };
  if (is_blank_or_plus(first))
    add_to_group(other(first), second, wanted);
  if (is_blank_or_plus(second))
    add_to_group(first, other(second), wanted);
  if (is_blank_or_plus(first) && is_blank_or_plus(second))
    add_to_group(other(first), other(second), wanted);
}

void secret_matcher::add_to_group(char first, char second,
                                  const pattern& wanted) {
  auto& group = group_of_pair_[pair_of(first, second)];
  if (group == 0) {
    group = static_cast<uint16_t>(groups_.size());
    groups_.emplace_back();
  }
  groups_[group].push_back(wanted);
}

bool secret_matcher::is_at(const pattern& wanted, std::string_view text,
                           size_t at) {
  auto size = wanted.bytes.size();
  if (text.size() - at < size)
    return false;
  for (size_t i = 0; i < size; ++i) {
    auto a = wanted.bytes[i];
    auto b = text[at + i];
    auto is_same =
      a == b
      || (wanted.plus_is_blank && is_blank_or_plus(a) && is_blank_or_plus(b));
    if (!is_same)
      return false;
  }
  if (wanted.as != form::word)
    return true;
  auto ends_at = at + size;
  return (at == 0 || !is_word(text[at - 1]))
         && (ends_at == text.size() || !is_word(text[ends_at]));
}

secret_matcher::span secret_matcher::span_of(const pattern& wanted,
                                             std::string_view text, size_t at) {
  span result{at, at + wanted.bytes.size()};
  if (wanted.as != form::base64)
    return result;
  auto& [begin, end] = result;
  while (begin > 0 && is_base64(text[begin - 1]) && text[begin - 1] != '/')
    --begin;
  while (end < text.size() && (is_base64(text[end]) || text[end] == '='))
    ++end;
  return result;
}

void secret_matcher::search(std::string_view text, bool only_keys,
                            std::vector<span>& found) const {
  size_t base64_end = 0; // of the last match
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    auto group = group_of_pair_[pair_of(text[at], text[at + 1])];
    if (group == 0)
      continue;
    for (auto& wanted : groups_[group]) {
      auto is_base64 = wanted.as == form::base64;
      auto is_sought = !only_keys || (wanted.is_key && wanted.as != form::word);
      if (!is_sought || (is_base64 && at < base64_end)
          || !is_at(wanted, text, at))
        continue;
      found.push_back(span_of(wanted, text, at));
      if (is_base64)
        base64_end = found.back().end;
    }
  }
  if (only_keys)
    return;
  constexpr std::string_view behind_scheme = "://";
  for (auto at = text.find(behind_scheme); at != std::string_view::npos;
       at = text.find(behind_scheme, at + 1)) {
    auto begin = at + behind_scheme.size();
    if (auto end = end_of_user_info(text, begin); end > begin)
      found.push_back({begin, end});
  }
}

std::vector<secret_matcher::span>
secret_matcher::find(std::string_view text, bool only_keys) const {
  std::vector<span> found;
  search(text, only_keys, found);
  unescaped_text undone;
  auto bytes = text;
  for (int level = 0; level < most_levels && may_hold_escapes(bytes); ++level) {
    auto next = undo_escapes(bytes, undone.origins);
    if (next.bytes.size() == bytes.size())
      break; // there were no escapes
    undone = std::move(next);
    bytes = undone.bytes;
    auto before = found.size();
    search(bytes, only_keys, found);
    for (auto i = before; i < found.size(); ++i)
      found[i] = {undone.origins[found[i].begin].begin,
                  undone.origins[found[i].end - 1].end};
  }
  std::sort(found.begin(), found.end(),
            [](const span& a, const span& b) { return a.begin < b.begin; });
  return found;
}

std::vector<secret_matcher::span>
secret_matcher::find_from(std::string_view text, size_t begin) const {
  auto start = begin - std::min(begin, lead);
  auto size = begin - start + part + most_expansion * (longest_ + lead);
  auto found = find(text.substr(start, size), false);
  for (auto& one : found)
    one = {one.begin + start, one.end + start};
  std::erase_if(found, [&](const span& one) {
    return one.begin >= begin + part || one.end <= begin;
  });
  return found;
}

std::string secret_matcher::mask(std::string_view text, size_t enough) const {
  std::string out;
  size_t done = 0;
  auto show_to = [&](size_t end) {
    if (end > done)
      out += text.substr(done, end - done);
    done = std::max(done, end);
  };
  for (size_t begin = 0; begin < text.size() && out.size() <= enough;
       begin += part) {
    for (auto& secret : find_from(text, begin)) {
      if (secret.end <= done)
        continue;
      // A match that begins inside a masked span extends that span.
      auto goes_on = secret.begin < done;
      show_to(secret.begin);
      if (!goes_on)
        out += mask_text;
      done = secret.end;
    }
    show_to(std::min(begin + part, text.size()));
  }
  return out;
}

void secret_matcher::overwrite(char* text, size_t size) const {
  std::string_view all{text, size};
  for (size_t begin = 0; begin < size; begin += part)
    for (auto& secret : find_from(all, begin))
      std::fill(text + secret.begin, text + secret.end, '*');
}

bool secret_matcher::holds_key(std::string_view text) const {
  return !find(text, true).empty();
}

} // namespace sluice
