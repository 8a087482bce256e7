// JSON for tests. Compares without RapidJSON's own `==`, which recurses
// infinitely in C++20, and prints values when a check fails.

#pragma once

#include <catch2/catch.hpp>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace sluice::test {

/// A value of a parsed document, which it keeps alive. An absent value fails
/// the test.
class json_view {
public:
  explicit json_view(const std::string& json) {
    auto document = std::make_shared<rapidjson::Document>();
    document->Parse<rapidjson::kParseValidateEncodingFlag>(json.data(),
                                                           json.size());
    INFO(json.substr(0, 300));
    REQUIRE_FALSE(document->HasParseError());
    value_ = std::shared_ptr<const rapidjson::Value>{document, document.get()};
  }

  [[nodiscard]] const rapidjson::Value& raw() const { return *value_; }

  [[nodiscard]] bool has(const char* name) const {
    return value_->IsObject() && value_->HasMember(name);
  }

  json_view operator[](const char* name) const {
    INFO(name);
    REQUIRE(has(name));
    return json_view{{value_, &(*value_)[name]}};
  }

  template <std::integral Index>
  json_view operator[](Index index) const {
    auto number = static_cast<rapidjson::SizeType>(index);
    REQUIRE(number < size());
    return json_view{{value_, &(*value_)[number]}};
  }

  /// The elements of an array.
  [[nodiscard]] size_t size() const {
    REQUIRE(value_->IsArray());
    return value_->Size();
  }

  /// The content of a string, or the JSON of any other value.
  [[nodiscard]] std::string text() const {
    if (value_->IsString())
      return {value_->GetString(), value_->GetStringLength()};
    rapidjson::StringBuffer buffer;
    rapidjson::Writer writer{buffer};
    value_->Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
  }

  friend bool operator==(const json_view& value, std::string_view text) {
    return value.value_->IsString() && value.text() == text;
  }

  /// A flag or a whole number. A template, so that text does not convert to a
  /// flag.
  template <std::integral Number>
  friend bool operator==(const json_view& value, Number number) {
    if constexpr (std::same_as<Number, bool>)
      return value.text() == (number ? "true" : "false");
    else
      return value.text() == std::to_string(number);
  }

  friend std::ostream& operator<<(std::ostream& out, const json_view& value) {
    return out << value.text();
  }

private:
  explicit json_view(std::shared_ptr<const rapidjson::Value> value)
      : value_{std::move(value)} {}

  std::shared_ptr<const rapidjson::Value> value_;
};

} // namespace sluice::test
