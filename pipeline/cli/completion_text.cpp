#include "pipeline/cli/completion_text.hpp"

namespace sluice::cli {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (auto c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

std::string joined_by_spaces(const std::vector<std::string>& words) {
  std::string out;
  for (auto& word : words)
    out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string key_words(const std::vector<settable_key>& keys) {
  std::string out;
  for (auto& key : keys)
    out += (out.empty() ? "" : " ") + key.path + "=";
  return out;
}

} // namespace sluice::cli
