#include "config/expand.hpp"

#include "core/base/error.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <optional>
#include <vector>

namespace sluice::config {

namespace {

constexpr size_t max_file_bytes = 64 * 1024;

struct piece {
  enum class kind { literal, variable, file };
  kind is;
  std::string text;
  std::optional<std::string> fallback{};
};

caf::error wrong(std::string what) {
  return make_error(ec::usage, std::move(what));
}

bool is_variable_name(std::string_view name) {
  auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]))
         && std::all_of(name.begin(), name.end(), is_word);
}

/// Parses the text between ${ and }.
caf::expected<piece> parse_reference(std::string_view inside) {
  if (inside.substr(0, 5) == "file:") {
    if (inside.size() == 5)
      return wrong(
        "${file:} does not name a file: write ${file:/path/to/file}");
    return piece{piece::kind::file, std::string{inside.substr(5)}};
  }
  auto colon = inside.find(":-");
  auto name = inside.substr(0, colon);
  if (!is_variable_name(name))
    return wrong("${" + printable(inside, 40)
                 + "} does not name an environment variable: write ${NAME}, "
                   "${NAME:-default} or ${file:/path}; $$ is a dollar");
  piece out{piece::kind::variable, std::string{name}};
  if (colon != std::string_view::npos)
    out.fallback = std::string{inside.substr(colon + 2)};
  return out;
}

caf::expected<std::vector<piece>> parse(std::string_view text) {
  std::vector<piece> out;
  auto literal = [&](std::string_view part) {
    if (out.empty() || out.back().is != piece::kind::literal)
      out.push_back({piece::kind::literal, {}});
    out.back().text += part;
  };
  while (!text.empty()) {
    auto dollar = std::min(text.find('$'), text.size());
    if (dollar > 0)
      literal(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.substr(0, 2) == "${") {
      auto end = text.find('}');
      if (end == std::string_view::npos)
        return wrong("${ without }: write ${NAME}, or $${ for a literal ${");
      auto reference = parse_reference(text.substr(2, end - 2));
      if (!reference)
        return std::move(reference.error());
      out.push_back(std::move(*reference));
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      literal("$");
      text.remove_prefix(text.substr(0, 2) == "$$" ? 2 : 1);
    }
  }
  return out;
}

/// Messages suggest a default only for values that are not secret.
enum class value_use { plain, secret };

caf::expected<std::string>
variable_value(const piece& reference, value_use use) {
  auto value = std::getenv(reference.text.c_str());
  if (reference.fallback && (value == nullptr || *value == '\0'))
    return *reference.fallback;
  if (value == nullptr)
    return wrong("the environment variable " + reference.text
                 + " is not set: set it, or write "
                 + (use == value_use::secret
                      ? "${file:/path} for a file that holds the secret"
                      : "${" + reference.text + ":-default}"));
  return std::string{value};
}

caf::expected<std::string>
file_value(const std::string& name, const std::filesystem::path& folder) {
  auto path = (folder / name).string();
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  std::string text(max_file_bytes + 1, '\0');
  if (in)
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad())
    return wrong("cannot read " + printable(path)
                 + ", which ${file:} names: " + std::strerror(errno));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > max_file_bytes)
    return wrong(printable(path)
                 + ", which ${file:} names, is larger than 64 "
                   "KiB: is it the right file?");
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  if (!text.empty() && text.back() == '\r')
    text.pop_back();
  return text;
}

caf::expected<std::string>
resolve(const piece& part, const std::filesystem::path& folder, value_use use) {
  switch (part.is) {
    case piece::kind::literal:
      return part.text;
    case piece::kind::variable:
      return variable_value(part, use);
    default:
      return file_value(part.text, folder);
  }
}

caf::expected<std::string> expand_for(value_use use, const std::string& text,
                                      const std::filesystem::path& folder) {
  auto pieces = parse(text);
  if (!pieces)
    return std::move(pieces.error());
  std::string out;
  for (auto& part : *pieces) {
    auto value = resolve(part, folder, use);
    if (!value)
      return value;
    out += *value;
  }
  return out;
}

constexpr auto in_config = "the secret in the config";

/// Where a secret comes from, for messages: names, never values.
std::string origin(const std::string& text) {
  auto pieces = parse(text);
  std::string out;
  if (pieces)
    for (auto& part : *pieces) {
      if (part.is == piece::kind::literal)
        continue;
      out += out.empty() ? "" : " and ";
      out += part.is == piece::kind::file
               ? "the file " + printable(part.text)
               : "the environment variable " + part.text;
    }
  return out.empty() ? in_config : out;
}

caf::expected<std::string>
resolve_secret(const std::string& text, const std::filesystem::path& folder) {
  auto value = expand_for(value_use::secret, text, folder);
  if (!value)
    return value;
  if (value->empty())
    return wrong(origin(text) + " is empty: put the secret there");
  auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(value->begin(), value->end(), is_control))
    return wrong(origin(text)
                 + " contains a line break or control character: a secret is a "
                   "single line");
  return value;
}

} // namespace

caf::error check_references(const std::string& text) {
  auto pieces = parse(text);
  return pieces ? caf::error{} : std::move(pieces.error());
}

std::vector<std::string>
referenced_files(const std::string& text, const std::filesystem::path& folder) {
  std::vector<std::string> out;
  if (auto pieces = parse(text))
    for (auto& part : *pieces)
      if (part.is == piece::kind::file)
        out.push_back((folder / part.text).string());
  return out;
}

caf::expected<std::string>
expand(const std::string& text, const std::filesystem::path& folder) {
  return expand_for(value_use::plain, text, folder);
}

secret make_secret(std::string text, std::filesystem::path folder) {
  struct state {
    std::string text;
    std::filesystem::path folder;
    std::mutex mutex{};
    std::optional<std::string> value{};
  };
  auto shared = std::make_shared<state>();
  shared->text = std::move(text);
  shared->folder = std::move(folder);
  // A secret written in the config itself could appear in any message from now
  // on, so it is masked at once.
  if (origin(shared->text) == in_config)
    keep_secret(shared->text);
  return [shared]() -> caf::expected<std::string> {
    std::lock_guard guard{shared->mutex};
    if (!shared->value) {
      auto value = resolve_secret(shared->text, shared->folder);
      if (!value)
        return value;
      shared->value = std::move(*value);
    }
    return *shared->value;
  };
}

} // namespace sluice::config
