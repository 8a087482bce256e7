#include "tests/end_to_end/manual.hpp"

#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace sluice::test {

namespace {

std::string trimmed(std::string text) {
  auto blank = " \t\n";
  text.erase(0, std::min(text.size(), text.find_first_not_of(blank)));
  auto last = text.find_last_not_of(blank);
  text.erase(last == std::string::npos ? 0 : last + 1);
  return text;
}

void add_replacements(manual_block& block, const std::string& list) {
  std::istringstream in{list};
  for (std::string pair; std::getline(in, pair, ';');) {
    auto equals = pair.find(" = ");
    if (equals == std::string::npos)
      throw std::runtime_error("no replacement: " + pair);
    block.replaced.emplace_back(trimmed(pair.substr(0, equals)),
                                trimmed(pair.substr(equals + 3)));
  }
}

/// Applies a comment's text to the next block.
void take_comment(manual_block& block, const std::string& text) {
  auto rest = [&](std::string_view keyword) {
    return trimmed(text.substr(keyword.size()));
  };
  if (text.starts_with("not run:"))
    block.not_run = true;
  else if (text.starts_with("exit "))
    block.exit_code = std::stoi(rest("exit "));
  else if (text.starts_with("with "))
    add_replacements(block, rest("with "));
  else if (text.starts_with("file:"))
    block.file = rest("file:");
  else if (text.starts_with("same as:"))
    block.same_as = rest("same as:");
  else if (text.starts_with("setup:"))
    block.setup = rest("setup:");
  else if (text.starts_with("before"))
    block.before = rest("before") + "\n";
}

class page_reader {
public:
  explicit page_reader(const std::filesystem::path& page)
      : in_{content_of(page)} {}

  std::vector<manual_block> read() {
    for (std::string line; next(line);)
      if (auto text = trimmed(line); text.starts_with("<!--"))
        take_comment(pending_, comment(text));
      else if (text.starts_with("```"))
        fence(line.find('`'), text.substr(3));
    return std::move(blocks_);
  }

private:
  bool next(std::string& line) {
    ++line_;
    return static_cast<bool>(std::getline(in_, line));
  }

  std::string comment(std::string text) {
    for (std::string line; text.find("-->") == std::string::npos;) {
      if (!next(line))
        throw std::runtime_error("a comment is not closed");
      text += "\n" + line;
    }
    return trimmed(text.substr(4, text.find("-->") - 4));
  }

  void fence(size_t indentation, std::string language) {
    auto block = std::exchange(pending_, {});
    block.language = std::move(language);
    block.line = line_;
    for (std::string line; next(line);) {
      if (trimmed(line) == "```") {
        blocks_.push_back(std::move(block));
        return;
      }
      block.text += line.substr(std::min(indentation, line.size())) + "\n";
    }
    throw std::runtime_error("the block at line " + std::to_string(block.line)
                             + " is not closed");
  }

  std::istringstream in_;
  size_t line_ = 0;
  manual_block pending_;
  std::vector<manual_block> blocks_;
};

} // namespace

std::vector<manual_block> read_blocks(const std::filesystem::path& page) {
  return page_reader{page}.read();
}

std::vector<std::filesystem::path> manual_pages() {
  const std::filesystem::path root{SLUICE_SOURCE_DIR};
  std::vector<std::filesystem::path> pages{root / "README.md"};
  for (auto& entry : std::filesystem::directory_iterator{root / "docs"})
    if (entry.path().extension() == ".md")
      pages.push_back(entry.path());
  std::sort(pages.begin() + 1, pages.end());
  return pages;
}

std::vector<std::string> links_of(const std::filesystem::path& page) {
  static const std::regex link{R"(\]\(([^)#\s]+)(#[^)]*)?\))"};
  auto text = content_of(page);
  std::vector<std::string> out;
  for (std::sregex_iterator at{text.begin(), text.end(), link}, end; at != end;
       ++at)
    if (std::string target = (*at)[1]; target.find("://") == std::string::npos)
      out.push_back(target);
  return out;
}

std::vector<named_test> tests_named_in(const std::filesystem::path& page) {
  // `path`: "title", "title" and "title"
  static const std::regex proof{
    R"re(`(tests/[\w/]+\.cpp)`(:((,| and)?\s*"[^"]+")+)?)re"};
  static const std::regex title{R"re("([^"]+)")re"};
  auto text = content_of(page);
  std::vector<named_test> out;
  for (std::sregex_iterator at{text.begin(), text.end(), proof}, end; at != end;
       ++at) {
    std::string file = (*at)[1], titles = (*at)[2];
    if (titles.empty())
      out.push_back({file, ""});
    for (std::sregex_iterator in{titles.begin(), titles.end(), title};
         in != end; ++in) {
      std::string words = (*in)[1];
      out.push_back({file, std::regex_replace(words, std::regex{"\\s+"}, " ")});
    }
  }
  return out;
}

} // namespace sluice::test
