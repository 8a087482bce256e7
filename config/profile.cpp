#include "config/profile.hpp"

#include "config/profile_sections.hpp"
#include "core/base/url.hpp"

namespace sluice::config {

namespace {

field make_profile_fields() {
  using enum field_kind;
  return {.kind = section,
          .required = true,
          .children = {
            {.name = "extends",
             .help = "A built-in profile or a profile file to start from; keys "
                     "written here replace its keys, section by section.",
             .example = "extralt"},
            {.name = "base",
             .help = "Scheme, host, port and path prefix for all paths.",
             .required = true,
             .example = "https://api.example.com/v1"},
            auth_fields(),
            rate_fields(),
            submit_fields(),
            status_fields(),
            results_fields(),
            download_fields(),
            find_fields(),
            pointer_field("error", "The message in an error body.", true),
            {.name = "budget_unit",
             .kind = choice,
             .help = "What a run's budget counts.",
             .default_value =
               default_word(api_profile::unit_words, api_profile{}.budget_unit),
             .choices = words_in(api_profile::unit_words)},
            {.name = "credits_per_unit",
             .kind = number,
             .help = "What one unit costs, in credits.",
             .default_value = "1",
             .min = 0,
             .max = 1'000'000},
            {.name = "unverified",
             .kind = text_list,
             .help = "Parts that the API's documentation does not specify.",
             .default_value = "[]",
             .example = "[results.page]"},
          }};
}

} // namespace

const field& profile_fields() {
  static const field spec = make_profile_fields();
  return spec;
}

std::string usable_base(const std::string& text) {
  auto parts = split_http_url(text);
  if (url_defect(text) != nullptr || !parts || !parts->user_info.empty()
      || text.find_first_of("?#@") != std::string::npos)
    return {};
  return text.substr(0, text.find_last_not_of('/') + 1);
}

api_profile build_profile(const std::string& name, const node& root,
                          const section& values, finding_list& findings) {
  checked_profile profile{root, values, findings};
  api_profile out;
  out.name = name;
  out.base = usable_base(values.text("base"));
  if (out.base.empty())
    profile.refuse("base",
                   std::string{"base is not a base URL: "} + base_remedy);
  out.auth = build_auth(profile);
  build_rate(profile, out);
  out.submit = build_submit(profile);
  out.status = build_status(profile);
  template_names known{"id"};
  for (auto& [saved, pointer] : out.status.save)
    known.insert(saved);
  out.results = build_results(profile, known);
  out.download = build_download(profile, known);
  out.find = build_find(profile);
  out.error = profile.texts("error");
  out.budget_unit = values.choice("budget_unit", api_profile::unit_words);
  out.credits_per_unit = values.get<double>("credits_per_unit");
  out.unverified = profile.texts("unverified");
  return out;
}

} // namespace sluice::config
