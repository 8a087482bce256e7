// Picks out of a JSON text from outside the few values that pointers lead to,
// in one walk. Of the rest nothing is kept, so that a text takes no memory but
// its own, whatever is in it.
//
// Of several members with the same name the first one counts. In a list of
// pointers the first that leads to a value of the wanted type does.

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
  id,    ///< the same, but no empty string: what an empty id addresses may be
         ///< everything
  count, ///< the first number, when it is a whole one of at least 0 (12, 12.0)
  list,  ///< an array
  any,   ///< whatever is there
};

/// One value to be picked.
struct json_wish {
  json_want what;
  std::span<const std::string> at; ///< RFC 6901; a malformed one leads nowhere
  /// Bytes of a text, name or id; of a longer one there is one byte more, which
  /// shows that it is cut.
  size_t longest = 0;
};

/// What was found.
struct json_pick {
  bool found = false;
  std::string text;              ///< of a text, name or id
  std::optional<uint64_t> count; ///< nullopt: no number, or not such a one
  std::string_view json;         ///< of a list or any value: where it stands
};

class json_picker {
public:
  /// The wishes' pointers are copied.
  json_picker(std::initializer_list<json_wish> wishes)
      : json_picker{std::span{wishes.begin(), wishes.size()}} {}
  explicit json_picker(std::span<const json_wish> wishes);

  /// Reads `text`, all of it (json_reader.hpp). The picks are in the order of
  /// the wishes; views are of `text`.
  /// Errors: ec::bad_reply with the byte offset of what is wrong; nothing of
  /// `text` itself is in the message.
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

/// Hands out the elements of an array, in order, until `take` returns false.
/// REQUIRES: `list` was picked as a list.
void each_element(std::string_view list,
                  const std::function<bool(std::string_view)>& take);

} // namespace sluice
