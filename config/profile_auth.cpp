#include "config/profile_sections.hpp"

namespace sluice::config {

field auth_fields() {
  using enum field_kind;
  return {.name = "auth",
          .kind = section,
          .help = "How the key is sent.",
          .children = {
            {.name = "in",
             .kind = choice,
             .help = "Where the key goes; `basic` sends it as the user name.",
             .default_value =
               default_word(auth_scheme::place_words, auth_scheme{}.in),
             .choices = words_in(auth_scheme::place_words)},
            {.name = "name",
             .help = "The name of the header, parameter or member.",
             .default_value = auth_scheme{}.name},
            {.name = "prefix",
             .help = "Text before the key in a header.",
             .default_value = '"' + auth_scheme{}.prefix + '"',
             .min = 0},
          }};
}

auth_scheme build_auth(const checked_profile& profile) {
  auto& values = profile.values;
  return {values.choice("auth.in", auth_scheme::place_words),
          values.text("auth.name"), values.text("auth.prefix")};
}

} // namespace sluice::config
