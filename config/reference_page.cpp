#include "config/check.hpp"
#include "config/columns.hpp"
#include "config/job.hpp"
#include "config/load.hpp"
#include "config/profile.hpp"
#include "core/base/markdown.hpp"

namespace sluice::config {

namespace {

void entry(std::string& out, const field& spec, const std::string& path) {
  out += "- **`" + path + spec.name + "`**";
  out += spec.required ? " (required): " : ": ";
  out +=
    markdown_text(spec.help) + " Write " + markdown_text(wanted(spec)) + ".";
  if (!spec.default_value.empty())
    out += " Default: `" + spec.default_value + "`.";
  if (!spec.example.empty())
    out += " Example: `" + spec.name + ": " + spec.example + "`.";
  out += "\n";
}

void entries(std::string& out, const field& spec, const std::string& path) {
  for (auto& child : spec.children)
    if (child.kind == field_kind::section) {
      entries(out, child, path + child.name + ".");
    } else {
      entry(out, child, path);
      if (child.kind == field_kind::columns)
        entries(out, column_keys(), path + child.name + "[].");
    }
}

void heading(std::string& out, const std::string& title,
             const std::string& help) {
  out += out.ends_with("\n\n") ? "" : "\n";
  out += "### " + title + "\n\n" + markdown_text(help) + "\n\n";
}

/// Top-level keys first, then a heading for each section.
void page_part(std::string& out, const field& root) {
  for (auto& child : root.children)
    if (child.kind != field_kind::section
        && child.kind != field_kind::typed_list)
      entry(out, child, "");
  for (auto& child : root.children) {
    if (child.kind == field_kind::section) {
      heading(out, "`" + child.name + "`", child.help);
      entries(out, child, child.name + ".");
    } else if (child.kind == field_kind::typed_list) {
      heading(out, "`" + child.name + "`", child.help);
      for (auto& type : child.children) {
        heading(out, "`" + child.name + "`, type `" + type.name + "`",
                type.help);
        entries(out, type, child.name + "[].");
        out += type.notes.empty() ? "" : "\n" + type.notes;
      }
    }
  }
}

constexpr const char* values_help =
  "Durations are a whole number with a unit: `500ms`, `10s`, `5m`, `24h`. "
  "Sizes are in bytes or have a unit: `64KiB`, `1MiB`. In any value, `${VAR}` "
  "is an environment variable, `${VAR:-default}` gives a default in case it is "
  "unset or empty, `${file:/path}` is a file's content without its final "
  "newline, and `$$` is a dollar sign. Inside `{…}` or `[…]`, such a value "
  "must be quoted. Relative paths are relative to the config file's folder. "
  "`--set path.to[0].key=value` overrides any key except secrets.\n\n";

} // namespace

std::string reference_page(std::span<const sink_spec> sinks) {
  std::string out = "# Configuration reference\n\n"
                    "Generated from the field specs; do not edit.\n\n"
                    "## The config file\n\n";
  out += values_help;
  page_part(out, job_fields(sinks));
  out += "\n## A profile file\n\n"
         "`${…}` in paths, queries and the body is a template, not an "
         "environment variable.\n\n";
  page_part(out, profile_fields());
  return out;
}

} // namespace sluice::config
