#include "simulator/json_text.hpp"

#include <algorithm>

namespace sluice::sim {

namespace {

bool needs_escape(unsigned char byte) noexcept {
  return byte < 0x20 || byte == '"' || byte == '\\';
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (byte >= 0x20) {
    out += '\\';
    out += static_cast<char>(byte);
    return;
  }
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

} // namespace

void append_json_text(std::string& out, std::string_view text) {
  while (!text.empty()) {
    auto plain = static_cast<size_t>(
      std::find_if(text.begin(), text.end(), needs_escape) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty()) {
      append_escaped(out, static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    }
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_text(out, text);
  out += '"';
}

} // namespace sluice::sim
