#include "config/profile_sections.hpp"
#include "core/base/error.hpp"

namespace sluice::config {

namespace {

field words_field(std::string name) {
  using enum field_kind;
  return {.name = std::move(name),
          .kind = text_list,
          .help = "The API's words for this phase.",
          .default_value = "[]",
          .example = "[completed]"};
}

} // namespace

field status_fields() {
  using enum field_kind;
  return {
    .name = "status",
    .kind = section,
    .help = "How to ask for a run's status.",
    .required = true,
    .children = {
      path_field("The path below the base; uses ${id}."),
      query_field(),
      pointer_field("state", "The API's word for the run's status.", true),
      {.name = "map",
       .kind = section,
       .help = "What the words mean; any other word counts as active, with a "
               "warning.",
       .required = true,
       .children = {words_field("queued"), words_field("active"),
                    words_field("done"), words_field("failed"),
                    words_field("stopped")}},
      pointer_field("extracted", "Captures so far.", false),
      pointer_field("queue", "URLs left to do.", false),
      pointer_field("started_at",
                    "When the run left the queue, in ms since 1970.", false),
      {.name = "save",
       .kind = text_map,
       .help = "Names for parts of the reply (JSON Pointers), for use in later "
               "paths and queries.",
       .default_value = "{}",
       .example = "{dataset: /data/defaultDatasetId}"},
    }};
}

status_dialect build_status(const checked_profile& profile) {
  auto& values = profile.values;
  status_dialect out;
  out.path = build_path(profile, "status", {"id"});
  out.query = build_query(profile, "status", {"id"});
  out.state = profile.texts("status.state");
  out.queued = profile.texts("status.map.queued");
  out.active = profile.texts("status.map.active");
  out.done = profile.texts("status.map.done");
  out.failed = profile.texts("status.map.failed");
  out.stopped = profile.texts("status.map.stopped");
  if (out.done.empty())
    profile.refuse("status.map",
                   "status.map.done is missing: without it no run "
                   "would ever end; write done: [completed]");
  out.extracted = profile.texts("status.extracted");
  out.queue = profile.texts("status.queue");
  out.started_at = profile.texts("status.started_at");
  out.save = values.get<std::map<std::string, std::string>>("status.save");
  for (auto& [name, pointer] : out.save)
    if (!pointer.empty() && pointer[0] != '/')
      profile.refuse("status.save",
                     "status.save." + printable(name, 40)
                       + " is not a JSON Pointer: start it with \"/\"");
  return out;
}

} // namespace sluice::config
