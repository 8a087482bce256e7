#include "config/checked_profile.hpp"

#include "core/base/error.hpp"

namespace sluice::config {

field path_field(std::string help) {
  return {.name = "path",
          .help = std::move(help),
          .required = true,
          .example = "/runs/${id}"};
}

field query_field() {
  using enum field_kind;
  return {.name = "query",
          .kind = pairs,
          .help = "Query parameters, sent in this order.",
          .default_value = "{}",
          .example = "{runId: \"${id}\"}"};
}

field pointer_field(std::string name, std::string help, bool required) {
  using enum field_kind;
  return {.name = std::move(name),
          .kind = pointers,
          .help = std::move(help),
          .default_value = required ? "" : "[]",
          .required = required,
          .min = required ? std::optional<int64_t>{1} : std::nullopt,
          .example = "/data/id"};
}

field statuses_field(std::string name, std::string help, std::string usual) {
  using enum field_kind;
  return {.name = std::move(name),
          .kind = integer_list,
          .help = std::move(help),
          .default_value = std::move(usual),
          .min = 100,
          .max = 599,
          .example = "[200, 201]"};
}

void check_template(const checked_profile& profile, std::string_view path,
                    std::string_view text, const template_names& known) {
  while (true) {
    auto begin = text.find("${");
    if (begin == std::string_view::npos)
      return;
    text.remove_prefix(begin + 2);
    auto end = text.find('}');
    auto name = text.substr(0, end);
    if (name.ends_with('?'))
      name.remove_suffix(1);
    if (end != std::string_view::npos && known.contains(name))
      continue;
    std::string list;
    for (auto& one : known)
      list += (list.empty() ? "${" : ", ${") + one + "}";
    profile.refuse(path, std::string{path} + " names ${" + printable(name, 40)
                           + "}, which is unknown here: write one of " + list);
    return;
  }
}

std::string build_path(const checked_profile& profile, const std::string& part,
                       const template_names& known) {
  auto path = profile.values.text(part + ".path");
  if (!path.starts_with('/'))
    profile.refuse(part + ".path", part + ".path must start with \"/\"");
  check_template(profile, part + ".path", path, known);
  return path;
}

query_template build_query(const checked_profile& profile,
                           const std::string& part,
                           const template_names& known) {
  auto query = profile.values.get<text_pairs>(part + ".query");
  for (auto& [name, text] : query)
    check_template(profile, part + ".query", text, known);
  return query;
}

} // namespace sluice::config
