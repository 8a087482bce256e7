#include "core/json_pointer.hpp"

#include <rapidjson/pointer.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace sluice {

namespace {

using rapidjson::SizeType;
using rapidjson::Value;

/// Builds a document of what a reader reports.
class document_builder {
public:
  explicit document_builder(rapidjson::Document& to) : to_{to} {}

  bool name(const json_token& token) {
    count();
    auto text = json_text(token, scratch_);
    return to_.Key(text.data(), static_cast<SizeType>(text.size()), true);
  }

  bool scalar(const json_token& token) {
    if (in_array())
      count();
    switch (token.kind) {
      case json_kind::null:
        return to_.Null();
      case json_kind::yes:
      case json_kind::no:
        return to_.Bool(token.kind == json_kind::yes);
      case json_kind::number:
        return number(token.text);
      case json_kind::string:
        return string(json_text(token, scratch_));
    }
    return false;
  }

  bool open(bool is_array, size_t) {
    if (in_array())
      count();
    levels_.push_back({is_array, 0});
    return is_array ? to_.StartArray() : to_.StartObject();
  }

  bool close(size_t) {
    auto [is_array, count] = levels_.back();
    levels_.pop_back();
    return is_array ? to_.EndArray(count) : to_.EndObject(count);
  }

private:
  struct level {
    bool array;
    SizeType count; ///< elements or members so far
  };

  [[nodiscard]] bool in_array() const {
    return !levels_.empty() && levels_.back().array;
  }

  void count() { ++levels_.back().count; }

  bool string(std::string_view text) {
    return to_.String(text.data(), static_cast<SizeType>(text.size()), true);
  }

  bool number(std::string_view text) {
    auto read = [&](auto& value) {
      auto end = text.data() + text.size();
      auto result = std::from_chars(text.data(), end, value);
      return result.ec == std::errc{} && result.ptr == end;
    };
    int64_t whole = 0;
    if (read(whole))
      return to_.Int64(whole);
    uint64_t large = 0;
    if (read(large))
      return to_.Uint64(large);
    // An id may be a whole number of any size.
    if (text.find_first_of(".eE") == text.npos)
      return to_.String(text.data(), static_cast<SizeType>(text.size()), true);
    double real = 0;
    // Beyond the doubles: infinity or 0, which only strtod tells.
    if (!read(real))
      real = std::strtod(std::string{text}.c_str(), nullptr);
    return to_.Double(real);
  }

  rapidjson::Document& to_;
  std::vector<level> levels_;
  std::string scratch_;
};

bool is_name(const Value& value) {
  return value.IsString() || value.IsInt64() || value.IsUint64();
}

bool is_id(const Value& value) {
  return is_name(value) && (!value.IsString() || value.GetStringLength() > 0);
}

bool is_string(const Value& value) {
  return value.IsString();
}
bool is_number(const Value& value) {
  return value.IsNumber();
}

std::string text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::optional<std::string> name_text(const Value* value) {
  if (value == nullptr)
    return std::nullopt;
  if (value->IsString())
    return text_of(*value);
  return value->IsUint64() ? std::to_string(value->GetUint64())
                           : std::to_string(value->GetInt64());
}

} // namespace

caf::expected<rapidjson::Document> parse_json(std::string_view text) {
  rapidjson::Document document;
  std::optional<json_defect> defect;
  auto generate = [&](rapidjson::Document& to) {
    document_builder builder{to};
    defect = read_json(text, 0, builder);
    return !defect;
  };
  document.Populate(generate);
  if (defect)
    return make_error(ec::bad_reply,
                      "not readable as JSON: " + std::string{defect->what}
                        + " (byte " + std::to_string(defect->at) + ")");
  return document;
}

const Value* find_json(const Value& root, const json_pointers& pointers,
                       bool (*fits)(const Value&)) {
  for (const auto& text : pointers) {
    rapidjson::Pointer pointer{text.data(), text.size()};
    if (!pointer.IsValid())
      continue;
    if (auto* value = pointer.Get(root); value != nullptr && fits(*value))
      return value;
  }
  return nullptr;
}

std::optional<std::string>
find_text(const Value& root, const json_pointers& pointers) {
  auto* value = find_json(root, pointers, is_string);
  if (value == nullptr)
    return std::nullopt;
  return text_of(*value);
}

std::optional<std::string>
find_name(const Value& root, const json_pointers& pointers) {
  return name_text(find_json(root, pointers, is_name));
}

std::optional<std::string>
find_id(const Value& root, const json_pointers& pointers) {
  return name_text(find_json(root, pointers, is_id));
}

std::optional<uint64_t>
find_count(const Value& root, const json_pointers& pointers) {
  auto* value = find_json(root, pointers, is_number);
  if (value == nullptr)
    return std::nullopt;
  if (value->IsUint64())
    return value->GetUint64();
  constexpr double exact = 9007199254740992.0; // 2^53
  auto number = value->GetDouble();
  if (number >= 0 && number <= exact && number == std::floor(number))
    return static_cast<uint64_t>(number);
  return std::nullopt;
}

} // namespace sluice
