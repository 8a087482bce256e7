#include "core/json_pointer.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/pointer.h>

#include <cmath>

namespace sluice {

namespace {

using rapidjson::SizeType;
using rapidjson::Value;

/// Passes events on to a document until they nest too deep.
class depth_cap {
public:
  explicit depth_cap(rapidjson::Document& to) : to_{to} {}

  bool Null() { return to_.Null(); }
  bool Bool(bool b) { return to_.Bool(b); }
  bool Int(int i) { return to_.Int(i); }
  bool Uint(unsigned u) { return to_.Uint(u); }
  bool Int64(int64_t i) { return to_.Int64(i); }
  bool Uint64(uint64_t u) { return to_.Uint64(u); }
  bool Double(double d) { return to_.Double(d); }
  bool RawNumber(const char* s, SizeType n, bool copy) {
    return to_.RawNumber(s, n, copy);
  }
  bool String(const char* s, SizeType n, bool copy) {
    return to_.String(s, n, copy);
  }
  bool Key(const char* s, SizeType n, bool copy) { return to_.Key(s, n, copy); }
  bool StartObject() { return enter() && to_.StartObject(); }
  bool EndObject(SizeType n) { return leave() && to_.EndObject(n); }
  bool StartArray() { return enter() && to_.StartArray(); }
  bool EndArray(SizeType n) { return leave() && to_.EndArray(n); }

private:
  bool enter() { return ++depth_ <= max_json_depth; }
  bool leave() {
    --depth_;
    return true;
  }

  rapidjson::Document& to_;
  size_t depth_ = 0;
};

caf::error explain(const rapidjson::ParseResult& result) {
  auto at = std::to_string(result.Offset());
  if (result.Code() == rapidjson::kParseErrorTermination)
    return make_error(ec::bad_reply, "JSON nested deeper than "
                                       + std::to_string(max_json_depth)
                                       + " levels at byte " + at);
  return make_error(ec::bad_reply,
                    std::string{"not JSON: "}
                      + rapidjson::GetParseError_En(result.Code()) + " (byte "
                      + at + ")");
}

bool is_name(const Value& value) {
  return value.IsString() || value.IsInt64() || value.IsUint64();
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

} // namespace

caf::expected<rapidjson::Document> parse_json(std::string_view text) {
  rapidjson::Document document;
  rapidjson::ParseResult result;
  auto generate = [&](rapidjson::Document& to) {
    rapidjson::MemoryStream stream{text.data(), text.size()};
    rapidjson::Reader reader;
    depth_cap capped{to};
    result = reader.Parse<rapidjson::kParseIterativeFlag>(stream, capped);
    // A zero byte ends RapidJSON's reading as the end of the text does.
    if (!result.IsError() && stream.Tell() != text.size())
      result.Set(rapidjson::kParseErrorDocumentRootNotSingular, stream.Tell());
    return !result.IsError();
  };
  document.Populate(generate);
  if (result.IsError())
    return explain(result);
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
  auto* value = find_json(root, pointers, is_name);
  if (value == nullptr)
    return std::nullopt;
  if (value->IsString())
    return text_of(*value);
  return value->IsUint64() ? std::to_string(value->GetUint64())
                           : std::to_string(value->GetInt64());
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
