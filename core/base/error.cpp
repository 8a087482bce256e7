#include "core/base/error.hpp"

#include "core/base/enum_words.hpp"
#include "core/base/secrets.hpp"
#include "core/base/utf8.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

namespace sluice {

namespace {

constexpr enum_words<ec, 14> words{{
  {"no_error", ec::no_error},
  {"usage", ec::usage},
  {"input", ec::input},
  {"api_refused", ec::api_refused},
  {"bad_reply", ec::bad_reply},
  {"unavailable", ec::unavailable},
  {"refused", ec::refused},
  {"disk", ec::disk},
  {"ledger_locked", ec::ledger_locked},
  {"ledger_unusable", ec::ledger_unusable},
  {"stopped", ec::stopped},
  {"interrupted", ec::interrupted},
  {"limited", ec::limited},
  {"internal", ec::internal},
}};
static_assert(names_all(words, ec::internal));

constexpr auto category = caf::atom("sluice");

} // namespace

std::string_view name_of(ec code) noexcept {
  return word_of(words, code);
}

caf::error
make_error(ec code, std::string what, std::chrono::milliseconds wait) {
  what = mask_secrets(what);
  return caf::error{
    static_cast<uint8_t>(code), category,
    caf::make_message(std::move(what), static_cast<int64_t>(wait.count()))};
}

ec code_of(const caf::error& err) noexcept {
  if (!err)
    return ec::no_error;
  if (err.category() != category || err.code() >= words.size())
    return ec::internal;
  return static_cast<ec>(err.code());
}

std::string what_of(const caf::error& err) {
  if (!err)
    return {};
  if (err.category() == category
      && err.context().match_elements<std::string, int64_t>())
    return err.context().get_as<std::string>(0);
  return mask_secrets(caf::to_string(err));
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
    case ec::limited:
      return 3;
    case ec::stopped:
    case ec::interrupted:
      return 4;
    default:
      return 5;
  }
}

namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned char byte : bytes) {
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

std::string escaped_to(std::string_view text, size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= max_bytes)
      return out + "…";
    auto length = utf8_sequence(text);
    auto sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(sequence))
      append_escaped(out, sequence);
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

} // namespace

/// Masks first, since an escape or the cut could hide a secret from the mask.
std::string printable(std::string_view text, size_t max_bytes) {
  return escaped_to(mask_secrets(text, max_bytes), max_bytes);
}

std::string in_quotes(std::string_view text, size_t max_bytes) {
  return "'" + printable(text, max_bytes) + "'";
}

std::string escaped(std::string_view text) {
  return escaped_to(text, std::string_view::npos);
}

} // namespace sluice
