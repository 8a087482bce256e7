#include "config/profile_sections.hpp"

namespace sluice::config {

field find_fields() {
  using enum field_kind;
  return {.name = "find",
          .kind = section,
          .help = "How to list runs, to find one whose submit was ambiguous.",
          .children = {
            path_field("The path below the base."),
            pointer_field("items", "The array of runs.", true),
            pointer_field("id", "A run's id, within the run.", true),
            pointer_field("robot", "A run's robot, within the run.", false),
            pointer_field("urls", "A run's URLs, within the run.", false),
          }};
}

std::optional<find_dialect> build_find(const checked_profile& profile) {
  if (!profile.values.has("find"))
    return std::nullopt;
  return find_dialect{build_path(profile, "find", {"robot"}),
                      profile.texts("find.items"), profile.texts("find.id"),
                      profile.texts("find.robot"), profile.texts("find.urls")};
}

} // namespace sluice::config
