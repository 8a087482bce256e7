#include "config/job.hpp"
#include "config/load.hpp"

#include <algorithm>
#include <array>

namespace sluice::config {

namespace {

/// The keys that a first job needs; all others are shown as comments.
struct active_key {
  std::string_view path;
  std::string_view value;
};

constexpr std::array active_keys{
  active_key{"api.key", "${EXTRALT_API_KEY}"},
  active_key{"input.urls", "[urls.txt]"},
  active_key{"runs.robot", "rbt_example"},
};

constexpr const char* opening =
  R"(# yaml-language-server: $schema=./sluice.schema.json
#
# A sluice job. The file `urls.txt` next to this one lists the URLs to extract,
# one per line. Rehearse the job first; this needs no key and costs nothing:
#
#   sluice run --simulate THIS_FILE
#
# Then set EXTRALT_API_KEY, put your URLs into `urls.txt` and your robot's id
# below, and run the job:
#
#   sluice run THIS_FILE
#
# Keys behind a # show their default or an example. Editors look up what each
# key accepts in `sluice.schema.json` (written by `sluice schema`).
)";

constexpr const char* sinks = R"(
# Where captures go; every capture goes to every sink.
sinks:
  - type: file
    path: captures.jsonl
    # Keep what the file already holds when the job starts over (`--again`).
    exists: append
)";

constexpr std::string_view example_list =
  R"(# The URLs to extract, one per line. These are examples on reserved names,
# for rehearsals only: replace them with your own.
https://shop.example/shoes/1001
https://shop.example/shoes/1002
https://shop.example/shoes/1003
https://shop.example/boots/2001
https://shop.example/boots/2002
https://books.example/book/9785699252753
https://books.example/book/9781776213899
https://books.example/book/9784607634174
https://garden.example/tools/76107
https://garden.example/tools/13026
)";

constexpr size_t width = 78;

/// `text` as comment lines.
void comment(std::string& out, const std::string& indent,
             const std::string& text) {
  auto line = indent + "#";
  for (size_t begin = 0; begin < text.size();) {
    auto end = std::min(text.find(' ', begin), text.size());
    auto word = text.substr(begin, end - begin);
    if (line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line = indent + "#";
    }
    line += " " + word;
    begin = end + 1;
  }
  out += line + "\n";
}

void key_line(std::string& out, const field& spec, const std::string& section,
              const std::string& indent) {
  auto path = section + spec.name;
  auto active = std::find_if(active_keys.begin(), active_keys.end(),
                             [&](auto& one) { return one.path == path; });
  comment(out, indent, spec.help);
  if (active != active_keys.end()) {
    out += indent + spec.name + ": " + std::string{active->value} + "\n";
    return;
  }
  auto& value = spec.default_value.empty() ? spec.example : spec.default_value;
  out += indent + "#" + spec.name + ": " + value + "\n";
}

void section_lines(std::string& out, const field& spec) {
  out += "\n";
  comment(out, "", spec.help);
  out += spec.name + ":\n";
  for (auto& child : spec.children)
    key_line(out, child, spec.name + ".", "  ");
}

} // namespace

std::string starter_config() {
  std::string out = opening;
  for (auto& child : job_fields({}).children) {
    if (child.kind == field_kind::section) {
      section_lines(out, child);
    } else if (child.kind == field_kind::typed_list) {
      out += sinks;
    } else {
      out += "\n";
      key_line(out, child, "", "");
    }
  }
  return out;
}

std::string_view starter_list() {
  return example_list;
}

} // namespace sluice::config
