#include "core/capture_page.hpp"

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
