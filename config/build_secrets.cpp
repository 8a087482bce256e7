#include "config/job_sections.hpp"

namespace sluice::config {

namespace {

/// The secrets in a section's values; `path` is the section's path with a final
/// dot.
void add_secrets(std::vector<named_secret>& out, const checked_job& job,
                 const section& values, const field& spec,
                 const std::string& path) {
  for_each_field(values, spec, [&](auto& key, const std::string& name) {
    if (key.kind == field_kind::secret)
      out.push_back({path + name, place_in(job.root, path + name),
                     values.get<secret>(name)});
  });
}

} // namespace

std::vector<named_secret>
build_secrets(const checked_job& job, const std::vector<sink_settings>& sinks) {
  std::vector<named_secret> out;
  add_secrets(out, job, job.values, job.spec, "");
  auto& types = *child_of(job.spec, "sinks");
  for (size_t i = 0; i < sinks.size(); ++i)
    add_secrets(out, job, sinks[i].fields, *child_of(types, sinks[i].type),
                "sinks[" + std::to_string(i) + "].");
  return out;
}

} // namespace sluice::config
