#include "config/job_sections.hpp"
#include "core/base/error.hpp"

#include <map>

namespace sluice::config {

namespace {

/// The keys that all sinks have, then those of one type.
field type_fields(const sink_spec& spec) {
  using enum field_kind;
  field out{.name = spec.type,
            .kind = section,
            .help = spec.help,
            .required = true,
            .children =
              {
                {.name = "type",
                 .kind = choice,
                 .help = "The kind of sink.",
                 .required = true,
                 .choices = {spec.type}},
                {.name = "name",
                 .help = "The sink's identity in the ledger; keep it when you "
                         "change other keys. Default: type-index.",
                 .max = 64},
              },
            .notes = spec.notes,
            .to_stdout = spec.to_stdout};
  out.children.insert(out.children.end(), spec.fields.begin(),
                      spec.fields.end());
  return out;
}

void check_names(const checked_job& job,
                 const std::vector<sink_settings>& sinks) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < sinks.size(); ++i) {
    auto [first, is_new] = seen.emplace(sinks[i].name, i);
    auto path = "sinks[" + std::to_string(i) + "].name";
    if (!is_new)
      job.refuse(path, path + " is \"" + printable(sinks[i].name, 64)
                         + "\", the same name as sinks["
                         + std::to_string(first->second)
                         + "]: write a different name");
  }
}

} // namespace

field sinks_fields(std::span<const sink_spec> sinks) {
  using enum field_kind;
  field out{.name = "sinks",
            .kind = typed_list,
            .help = "Where captures go; every capture goes to every sink.",
            .required = true,
            .min = 1,
            .example = "[{type: file, path: captures.jsonl}]"};
  for (auto& spec : sinks)
    out.children.push_back(type_fields(spec));
  return out;
}

std::vector<sink_settings> build_sinks(const checked_job& job) {
  auto sections = job.get_or("sinks", std::vector<section>{});
  auto list = job.root.find("sinks");
  // `sections` lacks sinks that could not be read, so the indexes would be off.
  if (list == nullptr || list->items.size() != sections.size())
    return {};
  std::vector<sink_settings> out;
  for (size_t i = 0; i < sections.size(); ++i) {
    auto& values = sections[i];
    auto type = values.text("type");
    auto name =
      values.has("name") ? values.text("name") : type + "-" + std::to_string(i);
    out.push_back(
      {std::move(type), std::move(name), std::move(values), list->items[i].at});
  }
  check_names(job, out);
  return out;
}

} // namespace sluice::config
