#include "config/profile_sections.hpp"

namespace sluice::config {

field download_fields() {
  using enum field_kind;
  return {
    .name = "download",
    .kind = section,
    .help =
      "How to fetch all of a run's captures as one file, if the API offers it.",
    .children = {
      path_field("The path below the base; uses ${id}."),
      pointer_field("url", "The signed URL, fetched without the key.", true),
      {.name = "codec",
       .kind = choice,
       .help = "The file's format.",
       .required = true,
       .choices = {"jsonl", "jsonl.lz4", "jsonl.gz", "jsonl.zst"}},
    }};
}

std::optional<download_dialect>
build_download(const checked_profile& profile, const template_names& known) {
  if (!profile.values.has("download"))
    return std::nullopt;
  return download_dialect{build_path(profile, "download", known),
                          profile.texts("download.url"),
                          profile.values.text("download.codec")};
}

} // namespace sluice::config
