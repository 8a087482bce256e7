// The URL of one JSON record: a string member of an object, named as it is or
// by a JSON Pointer.

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
  /// `field` is a member's name, or a JSON Pointer (RFC 6901) when it begins
  /// with '/'. Errors: ec::input for a pointer that is malformed.
  [[nodiscard]] static caf::expected<json_field> create(std::string field);

  /// Finds the field of the record `json`, all of which must be one object
  /// (json_reader.hpp). Returns why there is none: it is missing, not a
  /// string, or given twice; empty when `value()` has it. What other members
  /// hold does not matter. Both are valid until the next call.
  [[nodiscard]] std::string_view find(std::string_view json);

  [[nodiscard]] const std::string& value() const noexcept { return value_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  explicit json_field(std::string field);

  std::string name_;
  pointer_tree path_; ///< a single one: each node leads to the next
  std::string value_;
  std::string defect_;
};

} // namespace sluice
