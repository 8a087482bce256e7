// Looking into a JSON document from outside: parsing with a bounded depth,
// and the first of several pointers that resolves to the type wanted.

#pragma once

#include "core/api_profile.hpp"
#include "core/error.hpp"

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Deeper documents are refused: no API of this kind nests so far.
inline constexpr size_t max_json_depth = 256;

/// Parses `text`, all of it. Errors: ec::bad_reply with the byte offset of
/// what is wrong; nothing of `text` itself is in the message.
[[nodiscard]] caf::expected<rapidjson::Document>
parse_json(std::string_view text);

/// The first value that a pointer of `pointers` resolves to and `fits`
/// accepts; nullptr when there is none. A malformed pointer never resolves.
[[nodiscard]] const rapidjson::Value*
find_json(const rapidjson::Value& root, const json_pointers& pointers,
          bool (*fits)(const rapidjson::Value&));

/// The first string, as text.
[[nodiscard]] std::optional<std::string>
find_text(const rapidjson::Value& root, const json_pointers& pointers);

/// The first string or whole number, as text. A number that does not fit 64
/// bits is no whole number: its text would not be the API's.
[[nodiscard]] std::optional<std::string>
find_name(const rapidjson::Value& root, const json_pointers& pointers);

/// The first number, when it is a whole one of at least 0 (12 and 12.0).
[[nodiscard]] std::optional<uint64_t>
find_count(const rapidjson::Value& root, const json_pointers& pointers);

} // namespace sluice
