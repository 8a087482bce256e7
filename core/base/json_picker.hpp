// Extracts the few values that pointers lead to from untrusted JSON text, in
// one pass. Nothing else is kept, so parsing takes no memory beyond the text
// itself.
//
// If an object has several members of the same name, the first one counts. In a
// list of pointers, the first that leads to a value of the wanted type counts.

#pragma once

#include "core/base/error.hpp"
#include "core/base/pointer_tree.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class json_want : uint8_t {
  text,  ///< a string; it may be empty
  name,  ///< a string, or the digits of a whole number of any size
  id,    ///< like name, but not empty: an empty id could address everything
  count, ///< the first number, if it is whole and at least 0 (12, 12.0)
  list,  ///< an array
  any,   ///< any value
};

/// One value to pick.
struct json_wish {
  json_want what;
  std::span<const std::string> at; ///< RFC 6901; malformed ones never match
  /// Maximum size in bytes of a text, name or id. A longer one is cut to one
  /// byte more, so that the caller can see that it was cut.
  size_t longest = 0;
};

/// What was found.
struct json_pick {
  bool found = false;
  std::string text;              ///< of a text, name or id
  std::optional<uint64_t> count; ///< nullopt: no number, or not a count
  std::string_view json;         ///< of a list or any value: a view of its text
};

class json_picker {
public:
  /// Copies the pointers of `wishes`.
  json_picker(std::initializer_list<json_wish> wishes)
      : json_picker{std::span{wishes.begin(), wishes.size()}} {}
  explicit json_picker(std::span<const json_wish> wishes);

  /// Reads all of `text` (json_reader.hpp). The picks are in the order of the
  /// wishes; their views point into `text`. Errors: ec::bad_reply with the byte
  /// offset of the defect; the message does not quote `text`.
  [[nodiscard]] caf::expected<std::vector<json_pick>>
  pick(std::string_view text) const;

private:
  friend class pick_events;

  struct wanted {
    json_want what;
    size_t longest;
  };

  pointer_tree tree_;
  std::vector<wanted> wishes_;
};

/// Passes the elements of an array to `take`, in order, until it returns false.
/// REQUIRES: `list` was picked as a list.
void each_element(std::string_view list,
                  const std::function<bool(std::string_view)>& take);

} // namespace sluice
