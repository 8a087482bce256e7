#include "core/model/capture_page.hpp"

#include "core/base/json_reader.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <cstring>

namespace sluice {

namespace {

bool is_line_break(char c) noexcept {
  return c == '\n' || c == '\r';
}

bool has_line_break(std::string_view text) noexcept {
  return std::memchr(text.data(), '\n', text.size()) != nullptr
         || std::memchr(text.data(), '\r', text.size()) != nullptr;
}

} // namespace

std::string_view capture_url(std::string_view body, const capture_span& url,
                             std::string& scratch) {
  constexpr size_t quote = 1;
  if (url.end - url.begin < 2 * quote)
    return {};
  json_token token;
  token.kind = json_kind::string;
  token.text = body.substr(url.begin + quote, url.end - url.begin - 2 * quote);
  token.escaped = token.text.find('\\') != token.text.npos;
  return json_text(token, scratch, max_url_bytes + 1);
}

void append_capture(std::string& out, std::string_view capture) {
  if (capture.empty())
    return;
  if (!has_line_break(capture)) {
    out += capture;
    return;
  }
  std::remove_copy_if(capture.begin(), capture.end(), std::back_inserter(out),
                      is_line_break);
}

} // namespace sluice
