// Loads YAML into settings. Only reads files: creates and sends nothing, and
// resolves no secrets.

#pragma once

#include "config/fields.hpp"
#include "config/finding.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sluice::config {

/// Either settings or at least one finding; never both.
struct load_result {
  std::optional<settings> value;
  std::vector<finding> findings;
};

/// Whether a config must have the API's key; a rehearsal needs none.
enum class key_rule { needed, optional };

/// Loads `file`; each override is a "path.to[0].key=value" from --set. Reports
/// all errors at once.
[[nodiscard]] load_result
load(const std::filesystem::path& file, std::span<const std::string> overrides,
     std::span<const sink_spec> sinks, key_rule key = key_rule::needed);

/// A built-in dialect by name, or a profile file by path (relative to
/// `folder`), with `extends` resolved. Reports findings as `load` does.
struct profile_result {
  std::shared_ptr<const api_profile> value;
  std::vector<finding> findings;
};
[[nodiscard]] profile_result load_profile(const std::string& name_or_path,
                                          const std::filesystem::path& folder);

/// Names of the built-in dialects, in alphabetical order.
[[nodiscard]] std::vector<std::string> built_in_profiles();

/// The text of a built-in dialect; empty if no dialect has that name.
[[nodiscard]] std::string_view built_in_profile_text(std::string_view name);

/// The JSON Schema (draft 2020-12) of a config file, pretty-printed.
[[nodiscard]] std::string json_schema(std::span<const sink_spec> sinks);

/// The manual's reference page (Markdown), one entry per key.
[[nodiscard]] std::string reference_page(std::span<const sink_spec> sinks);

/// A commented config that runs with --simulate as it is, if the list
/// `starter_list_name` is next to it.
[[nodiscard]] std::string starter_config();

inline constexpr auto starter_list_name = "urls.txt";

/// The schema file, next to the starter config, which names it for editors.
inline constexpr auto starter_schema_name = "sluice.schema.json";

/// A list to start with: URLs on reserved names.
[[nodiscard]] std::string_view starter_list();

} // namespace sluice::config
