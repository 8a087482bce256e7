// Looking into a JSON document from outside: reading it, and the first of
// several pointers that resolves to the type wanted. Of several members with
// the same name the first one counts.

#pragma once

#include "core/api_profile.hpp"
#include "core/error.hpp"
#include "core/json_reader.hpp"

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Reads `text`, all of it (json_reader.hpp). A number that does not fit 64
/// bits becomes a double; one beyond the doubles is infinite. Unpaired
/// surrogates are WTF-8 in the document's strings.
/// Errors: ec::bad_reply with the byte offset of what is wrong; nothing of
/// `text` itself is in the message.
[[nodiscard]] caf::expected<rapidjson::Document>
parse_json(std::string_view text);

/// The first value that a pointer of `pointers` resolves to and `fits`
/// accepts; nullptr when there is none. A malformed pointer never resolves.
[[nodiscard]] const rapidjson::Value*
find_json(const rapidjson::Value& root, const json_pointers& pointers,
          bool (*fits)(const rapidjson::Value&));

/// The first string, as text; it may be empty.
[[nodiscard]] std::optional<std::string>
find_text(const rapidjson::Value& root, const json_pointers& pointers);

/// The first string or whole number, as text. A whole number has digits only;
/// it may have any size.
[[nodiscard]] std::optional<std::string>
find_name(const rapidjson::Value& root, const json_pointers& pointers);

/// As `find_name`, but passes over empty strings: what is addressed by an
/// empty id may be everything.
[[nodiscard]] std::optional<std::string>
find_id(const rapidjson::Value& root, const json_pointers& pointers);

/// The first number, when it is a whole one of at least 0 (12 and 12.0).
[[nodiscard]] std::optional<uint64_t>
find_count(const rapidjson::Value& root, const json_pointers& pointers);

} // namespace sluice
