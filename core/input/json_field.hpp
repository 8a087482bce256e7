// Finds the URL of a JSON record, which is a line of a JSON Lines list or an
// element of a JSON array: a string member, given by its name or by a
// JSON Pointer.

#pragma once

#include "core/base/error.hpp"
#include "core/base/pointer_tree.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// Longer records are invalid.
inline constexpr size_t longest_json_record = 1024 * 1024;

class json_field {
public:
  /// `field` is the name of a member, or a JSON Pointer (RFC 6901) if it begins
  /// with '/'. Errors: ec::input for a malformed pointer.
  [[nodiscard]] static caf::expected<json_field> create(std::string field);

  /// Finds the field in `json`, which must be exactly one object
  /// (json_reader.hpp). Returns an empty string if `value()` has it, else why
  /// not: it is missing, not a string, or given twice. Other members may have
  /// any value. The result and `value()` are valid until the next call.
  [[nodiscard]] std::string_view find(std::string_view json);

  [[nodiscard]] const std::string& value() const noexcept { return value_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  explicit json_field(std::string field);

  std::string name_;
  pointer_tree path_; ///< a single path: each node leads to the next
  std::string value_;
  std::string defect_;
};

} // namespace sluice
