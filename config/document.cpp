#include "config/document.hpp"

#include "core/base/error.hpp"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace sluice::config {

namespace {

using file_name = std::shared_ptr<const std::string>;

place place_of(const file_name& file, const YAML::Mark& mark) {
  return {file, mark.line + 1, mark.column + 1, false};
}

/// Thrown from a parser event to stop parsing: the rest cannot be trusted.
struct give_up {
  place at;
  std::string message;
};

/// Builds the tree from the parser's events. The parser's own node type would
/// keep duplicate keys silently and expand aliases.
class tree_builder : public YAML::EventHandler {
public:
  tree_builder(const file_name& file, finding_list& findings)
      : file_{file}, findings_{findings} {}

  node take() { return std::move(root_); }
  [[nodiscard]] const place& start() const { return start_; }

  /// The start of the innermost list or mapping that is still open.
  [[nodiscard]] place innermost() const {
    return stack_.empty() ? place{file_, 1, 1} : stack_.back().value.at;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    start_ = place_of(file_, mark);
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(make(mark, node::kind::null));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    auto alias = make(mark, node::kind::null);
    findings_.add(alias.at,
                  "aliases (*name) are not supported: write the value out");
    add(std::move(alias));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    auto scalar = make(mark, node::kind::scalar);
    check_tag(scalar.at, tag);
    scalar.text = text;
    scalar.quoted = tag != "?";
    add(std::move(scalar));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    enter(mark, tag, node::kind::list);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t, YAML::EmitterStyle::value) override {
    enter(mark, tag, node::kind::mapping);
  }

  void OnSequenceEnd() override { leave(); }
  void OnMapEnd() override { leave(); }

private:
  /// A list or mapping under construction.
  struct frame {
    node value;
    std::optional<node> key; ///< a mapping's key whose value is still to come
    std::map<std::string, int> keys{}; ///< each with its line
  };

  node make(const YAML::Mark& mark, node::kind kind) {
    auto at = place_of(file_, mark);
    if (++nodes_ > max_document_nodes)
      throw give_up{at, "the file has more than "
                          + std::to_string(max_document_nodes)
                          + " values: this is not a config file"};
    node out;
    out.is = kind;
    out.at = std::move(at);
    return out;
  }

  void check_tag(const place& at, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!"
        && tag != "tag:yaml.org,2002:str")
      findings_.add(at, "tags (!name) are not supported: leave it out");
  }

  void enter(const YAML::Mark& mark, const std::string& tag, node::kind kind) {
    auto value = make(mark, kind);
    check_tag(value.at, tag);
    if (stack_.size() >= max_document_depth)
      throw give_up{value.at, "values are nested more than "
                                + std::to_string(max_document_depth)
                                + " deep: this is not a config file"};
    stack_.push_back({std::move(value), std::nullopt});
  }

  void leave() {
    auto done = std::move(stack_.back().value);
    stack_.pop_back();
    add(std::move(done));
  }

  void add(node value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& top = stack_.back();
    if (top.value.is == node::kind::list) {
      top.value.items.push_back(std::move(value));
    } else if (!top.key) {
      top.key = std::move(value);
    } else {
      auto key = std::move(*top.key);
      top.key.reset();
      add_member(top, std::move(key), std::move(value));
    }
  }

  void add_member(frame& into, node key, node value) {
    if (key.is != node::kind::scalar) {
      findings_.add(key.at, "a key must be a plain word, not "
                              + std::string{describe(key)});
      return;
    }
    if (key.text == "<<" && !key.quoted) {
      findings_.add(key.at,
                    "merge keys (<<) are not supported: write the keys out");
      return;
    }
    auto [known, is_new] = into.keys.emplace(key.text, key.at.line);
    if (!is_new) {
      findings_.add(key.at, "the key \"" + printable(key.text, 60)
                              + "\" appears twice (first on line "
                              + std::to_string(known->second)
                              + "): remove one");
      return;
    }
    // The parser reports an absent value at the start of the next key.
    if (value.is == node::kind::null)
      value.at = key.at;
    into.value.members.push_back(
      {std::move(key.text), std::move(key.at), std::move(value)});
  }

  file_name file_;
  finding_list& findings_;
  std::vector<frame> stack_;
  node root_;
  place start_;
  size_t nodes_ = 0;
};

/// The parser would drop or replace control characters and invalid UTF-8, or
/// take them for the end of the file.
bool is_clean_text(const std::string& text, const file_name& file,
                   finding_list& findings) {
  int line = 1;
  size_t line_start = 0;
  for (size_t begin = 0; begin < text.size();) {
    auto end = std::min(text.find_first_of("\t\r\n", begin), text.size());
    auto part = std::string_view{text}.substr(begin, end - begin);
    if (auto shown = escaped(part); shown != part) {
      auto differs = std::mismatch(part.begin(), part.end(), shown.begin());
      auto offset = begin + static_cast<size_t>(differs.first - part.begin());
      findings.add({file, line, static_cast<int>(offset - line_start) + 1},
                   "this is not plain UTF-8 text: save the file as UTF-8 "
                   "without control characters");
      return false;
    }
    begin = end + 1;
    if (end < text.size() && text[end] == '\n') {
      ++line;
      line_start = begin;
    }
  }
  return true;
}

/// The parser keeps a whole flow collection in memory, a few hundred bytes per
/// bracket and comma, until the outermost one is closed.
bool is_plain_enough(const std::string& text, const file_name& file,
                     finding_list& findings) {
  int line = 1;
  size_t line_start = 0;
  size_t marks = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      line_start = i + 1;
    }
    if (std::string_view{"[]{},:"}.find(text[i]) == std::string_view::npos
        || ++marks <= max_document_marks)
      continue;
    findings.add({file, line, static_cast<int>(i - line_start) + 1},
                 "the file has more than " + std::to_string(max_document_marks)
                   + " brackets, commas and colons: this is not a config file");
    return false;
  }
  return true;
}

/// Advice if the parser took the brace of a ${…} for that of a flow mapping.
std::string hint_for(const std::string& text, const YAML::Mark& mark) {
  auto at = static_cast<size_t>(std::max(mark.pos, 0));
  if (at == 0 || at >= text.size() || text.compare(at - 1, 2, "${") != 0)
    return {};
  return "; inside { } and [ ], a value with ${...} must be quoted";
}

/// The code unit of the escape \uXXXX at `at`; 0 if `at` is not at one.
unsigned unit_at(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text.substr(at, 2) != "\\u")
    return 0;
  auto digits = text.substr(at + 2, 4);
  auto end = digits.data() + digits.size();
  unsigned unit = 0;
  return std::from_chars(digits.data(), end, unit, 16).ptr == end ? unit : 0;
}

/// JSON writes characters beyond the first 65,536 as two escapes, \ud83d\ude00.
/// YAML has a single escape for them, \U0001F600, which replaces both here.
/// Only escapes within quotes in a JSON text are replaced; nothing else there
/// can look the same. The single escape is two characters shorter, so findings
/// later on the same line report columns that are too small by two.
std::string with_whole_characters(const std::string& text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  auto begin = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  begin = text.find_first_not_of(" \t\r\n", begin);
  if (begin == std::string::npos || text[begin] != '{')
    return text;
  std::string out;
  auto is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      is_quoted = !is_quoted;
    if (!is_quoted || text[i] != '\\') {
      out += text[i];
      continue;
    }
    auto high = unit_at(text, i);
    auto low = unit_at(text, i + 6);
    if (high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
      auto point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
      char escape[11];
      std::snprintf(escape, sizeof escape, "\\U%08X", point);
      out += escape;
      i += 11;
    } else {
      out += text.substr(i, 2);
      ++i;
    }
  }
  return out;
}

std::optional<node> run_parser(const std::string& text, const file_name& file,
                               tree_builder& builder, finding_list& findings) {
  // The parser reports an open quote only if there is no final newline.
  std::istringstream stream{with_whole_characters(
    text.substr(0, text.find_last_not_of(" \t\r\n") + 1))};
  YAML::Parser parser{stream};
  if (!parser.HandleNextDocument(builder)) {
    findings.add({file, 1, 1},
                 "the file is empty: `sluice init` prints a config to start "
                 "from");
    return std::nullopt;
  }
  tree_builder second{file, findings};
  if (parser.HandleNextDocument(second)) {
    findings.add(second.start(),
                 "a second document starts here: keep one per file");
    return std::nullopt;
  }
  return builder.take();
}

} // namespace

const node* node::find(std::string_view key) const {
  for (auto& m : members)
    if (m.key == key)
      return &m.value;
  return nullptr;
}

node* node::find(std::string_view key) {
  return const_cast<node*>(std::as_const(*this).find(key));
}

const place& node::place_of(std::string_view key) const {
  for (auto& m : members)
    if (m.key == key)
      return m.at;
  return at;
}

std::optional<node> parse_document(const std::string& text,
                                   const std::string& file,
                                   finding_list& findings) {
  auto name = std::make_shared<const std::string>(file);
  if (text.size() > max_document_bytes) {
    findings.add({name, 1, 1},
                 "the text is larger than 1 MiB: this is not a config file");
    return std::nullopt;
  }
  if (!is_clean_text(text, name, findings)
      || !is_plain_enough(text, name, findings))
    return std::nullopt;
  tree_builder builder{name, findings};
  try {
    return run_parser(text, name, builder, findings);
  } catch (const give_up& reason) {
    findings.add(reason.at, reason.message);
  } catch (const YAML::Exception& failure) {
    // A part that is never closed is reported where it begins.
    auto is_placed = failure.mark.line > 0 || failure.mark.column > 0;
    findings.add(is_placed ? place_of(name, failure.mark) : builder.innermost(),
                 "not valid YAML: " + printable(failure.msg, 200)
                   + hint_for(text, failure.mark));
  } catch (const std::exception& failure) {
    findings.add({name, 1, 1},
                 "not valid YAML: " + printable(failure.what(), 200));
  }
  return std::nullopt;
}

std::optional<std::string> read_text_file(const std::string& path,
                                          const place& referrer,
                                          finding_list& findings) {
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  std::string text(max_document_bytes + 1, '\0');
  if (in)
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    findings.add(referrer, "cannot read \"" + printable(path)
                             + "\": " + std::strerror(errno)
                             + "; check its name, or run `sluice init` to get "
                               "a config to start from");
    return std::nullopt;
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

std::string_view describe(const node& value) {
  switch (value.is) {
    case node::kind::null:
      return "an empty value";
    case node::kind::scalar:
      return "a single value";
    case node::kind::list:
      return "a list";
    default:
      return "a mapping";
  }
}

} // namespace sluice::config
