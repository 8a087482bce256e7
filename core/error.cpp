#include "core/error.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

#include <array>

namespace sluice {

namespace {

constexpr std::array names{
  "no_error",      "usage",           "input",   "api_refused",
  "bad_reply",     "unavailable",     "refused", "disk",
  "ledger_locked", "ledger_unusable", "stopped", "internal",
};
static_assert(names.size() == static_cast<size_t>(ec::internal) + 1);

constexpr auto category = caf::atom("sluice");

} // namespace

std::string_view name_of(ec code) noexcept {
  return names[static_cast<size_t>(code)];
}

caf::error
make_error(ec code, std::string what, std::chrono::milliseconds wait) {
  return caf::error{
    static_cast<uint8_t>(code), category,
    caf::make_message(std::move(what), static_cast<int64_t>(wait.count()))};
}

ec code_of(const caf::error& err) noexcept {
  if (!err)
    return ec::no_error;
  if (err.category() != category || err.code() >= names.size())
    return ec::internal;
  return static_cast<ec>(err.code());
}

std::string what_of(const caf::error& err) {
  if (!err)
    return {};
  if (err.category() == category
      && err.context().match_elements<std::string, int64_t>())
    return err.context().get_as<std::string>(0);
  return caf::to_string(err);
}

std::chrono::milliseconds wait_of(const caf::error& err) {
  if (err && err.category() == category
      && err.context().match_elements<std::string, int64_t>())
    return std::chrono::milliseconds{err.context().get_as<int64_t>(1)};
  return std::chrono::milliseconds{0};
}

bool is_retryable(const caf::error& err) noexcept {
  return code_of(err) == ec::unavailable;
}

int exit_code_of(const caf::error& err) noexcept {
  switch (code_of(err)) {
    case ec::no_error:
      return 0;
    case ec::usage:
    case ec::input:
      return 1;
    case ec::api_refused:
      return 2;
    case ec::stopped:
      return 4;
    default:
      return 5;
  }
}

namespace {

/// Length of the valid UTF-8 sequence at the front of `text`, or 0.
size_t utf8_length(std::string_view text) noexcept {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  auto follows = [&](size_t i) {
    return i < text.size() && (byte(i) & 0xC0) == 0x80;
  };
  if (byte(0) < 0x80)
    return 1;
  if (byte(0) >= 0xC2 && byte(0) < 0xE0)
    return follows(1) ? 2 : 0;
  if (byte(0) >= 0xE0 && byte(0) < 0xF0) {
    if (!follows(1) || !follows(2))
      return 0;
    if ((byte(0) == 0xE0 && byte(1) < 0xA0)
        || (byte(0) == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (byte(0) >= 0xF0 && byte(0) < 0xF5) {
    if (!follows(1) || !follows(2) || !follows(3))
      return 0;
    if ((byte(0) == 0xF0 && byte(1) < 0x90)
        || (byte(0) == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

/// C1 controls (U+0080 to U+009F) drive terminals just as C0 controls do.
bool is_control(std::string_view sequence) noexcept {
  auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1)
    return first < 0x20 || first == 0x7F;
  return sequence.size() == 2 && first == 0xC2
         && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned char byte : bytes) {
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

} // namespace

std::string printable(std::string_view text, size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= max_bytes)
      return out + "…";
    auto length = utf8_length(text);
    auto sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(sequence))
      append_escaped(out, sequence);
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

} // namespace sluice
