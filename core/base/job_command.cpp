#include "core/base/job_command.hpp"

#include "core/base/secrets.hpp"
#include "core/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice {

namespace {

/// The arguments after the verb; set before threads start.
std::vector<std::string>& arguments_of_job() {
  static std::vector<std::string> words;
  return words;
}

bool is_plain(char c) {
  constexpr std::string_view others = "_@%+=:,./-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
}

/// Length of the printable character at the front of `text`; 0 if none.
size_t shown_size(std::string_view text) {
  auto size = utf8_sequence(text);
  return size == 0 || is_control(text.substr(0, size)) ? 0 : size;
}

bool can_be_shown(std::string_view text) {
  while (!text.empty()) {
    auto size = shown_size(text);
    if (size == 0)
      return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string octal(char c) {
  auto byte = static_cast<unsigned char>(c);
  std::string out = "\\";
  for (auto shift : std::array{6, 3, 0})
    out += static_cast<char>('0' + ((byte >> shift) & 7));
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (auto c : text)
    out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string quoted_with_escapes(std::string_view text) {
  std::string out = "$'";
  while (!text.empty()) {
    auto size = shown_size(text);
    if (size == 0 || text.front() == '\'' || text.front() == '\\') {
      size = 1;
      out += octal(text.front());
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out + "'";
}

} // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain))
    return std::string{text};
  return can_be_shown(text) ? quoted(text) : quoted_with_escapes(text);
}

void name_job(const std::filesystem::path& config,
              std::span<const std::string> overrides) {
  std::error_code failed;
  auto file = std::filesystem::absolute(config, failed).lexically_normal();
  auto& words = arguments_of_job();
  words = {failed ? config.native() : file.native()};
  for (auto& one : overrides)
    words.insert(words.end(), {"--set", one});
}

void forget_job() {
  arguments_of_job().clear();
}

std::string job_command(std::string_view verb, std::string_view rest) {
  auto text = "sluice " + std::string{verb};
  // Mask before quoting: a quoted secret might not be recognised.
  for (auto& word : arguments_of_job())
    text += " " + shell_word(mask_secrets(word));
  if (!rest.empty())
    text.append(" ").append(rest);
  return text;
}

} // namespace sluice
