#include "config/profile_sections.hpp"

namespace sluice::config {

field results_fields() {
  using enum field_kind;
  return {
    .name = "results",
    .kind = section,
    .help = "How to list a run's captures.",
    .required = true,
    .children = {
      path_field("The path below the base; may use ${id} and saved names."),
      query_field(),
      pointer_field("items",
                    "The array of captures; \"\" is the whole "
                    "reply.",
                    true),
      pointer_field("item_id", "A capture's id, within the capture.", false),
      pointer_field("item_url", "A capture's URL, within the capture.", false),
      statuses_field(
        "not_ready",
        "Statuses that mean the captures are not ready: ask again.", "[]"),
      page_fields(),
    }};
}

results_dialect
build_results(const checked_profile& profile, const template_names& known) {
  results_dialect out;
  out.path = build_path(profile, "results", known);
  out.query = build_query(profile, "results", known);
  out.items = profile.texts("results.items");
  out.item_id = profile.texts("results.item_id");
  out.item_url = profile.texts("results.item_url");
  out.not_ready = profile.statuses("results.not_ready");
  out.page = build_pagination(profile);
  return out;
}

} // namespace sluice::config
