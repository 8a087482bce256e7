// Checks a document against the field specs: reports every unknown key, missing
// key, wrong type and number out of range, and returns the valid values.

#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"

#include <filesystem>

namespace sluice::config {

struct check_options {
  std::filesystem::path folder;  ///< base of relative paths
  bool expand_references = true; ///< false: ${…} belongs to templates
};

/// Checks `root` against the children of `spec`. Invalid keys take their
/// default, or stay unset if they have none.
[[nodiscard]] section check(const node& root, const field& spec,
                            const check_options& options,
                            finding_list& findings);

/// The place of "api.burst" or "sinks[0].path" in the document, or of the
/// nearest node that encloses it.
[[nodiscard]] place place_in(const node& root, std::string_view path);

/// The values the field accepts: "a whole number from 1 to 16, or auto".
[[nodiscard]] std::string wanted(const field& spec);

/// The children's names.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<field>&);

/// The child of that name, or nullptr.
[[nodiscard]] const field* child_of(const field& spec, std::string_view name);

} // namespace sluice::config
