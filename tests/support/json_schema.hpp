// Validates JSON against the subset of JSON Schema (draft 2020-12) that sluice
// writes. An unknown keyword throws, so that no rule is overlooked.

#pragma once

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::test {

class json_schema {
public:
  explicit json_schema(const std::string& text) {
    rules_.Parse(text.c_str());
    if (rules_.HasParseError())
      throw std::runtime_error("the schema is not JSON");
  }

  [[nodiscard]] const rapidjson::Document& rules() const { return rules_; }

  /// The place in the text and the keyword it violates. Empty if the text is
  /// valid.
  [[nodiscard]] std::string objection(const std::string& text) const {
    rapidjson::Document value;
    value.Parse<rapidjson::kParseFullPrecisionFlag>(text.c_str());
    if (value.HasParseError())
      return "not JSON";
    return judge(value, rules_, "#");
  }

private:
  using json = rapidjson::Value;

  [[nodiscard]] std::string
  judge(const json& value, const json& rules, const std::string& at) const {
    for (auto& rule : rules.GetObject()) {
      std::string word = rule.name.GetString();
      if (auto within = judge_parts(value, rules, word, rule.value, at);
          !within.empty())
        return within;
      if (!holds(value, word, rule.value))
        return at + " breaks " + word;
    }
    return {};
  }

  /// Keywords that apply to parts of a value.
  [[nodiscard]] std::string
  judge_parts(const json& value, const json& rules, const std::string& word,
              const json& rule, const std::string& at) const {
    if (word == "$ref")
      return judge(value, definition(rule.GetString()), at);
    if (word == "items" && value.IsArray())
      for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
        if (auto it = judge(value[i], rule, at + "/" + std::to_string(i));
            !it.empty())
          return it;
    if (!value.IsObject())
      return {};
    for (auto& member : value.GetObject()) {
      auto inner = at + "/" + member.name.GetString();
      std::string found;
      if (word == "propertyNames")
        found = judge(member.name, rule, inner);
      else if (word == "properties" && rule.HasMember(member.name))
        found = judge(member.value, rule[member.name], inner);
      else if (word == "additionalProperties" && !described(rules, member.name))
        found = rule.IsBool()
                  ? (rule.GetBool() ? "" : inner + " breaks " + word)
                  : judge(member.value, rule, inner);
      if (!found.empty())
        return found;
    }
    return {};
  }

  /// All other keywords.
  [[nodiscard]] bool
  holds(const json& value, const std::string& word, const json& rule) const {
    static const std::set<std::string> elsewhere{
      "$schema",       "$defs",
      "$ref",          "title",
      "description",   "default",
      "items",         "properties",
      "propertyNames", "additionalProperties"};
    if (elsewhere.contains(word))
      return true;
    if (word == "type")
      return is_one_of(value, rule);
    if (word == "enum")
      return count(rule, [&](auto& one) { return one == value; }) > 0;
    if (word == "anyOf")
      return matching(value, rule) > 0;
    if (word == "oneOf")
      return matching(value, rule) == 1;
    if (word == "required")
      return !value.IsObject() || count(rule, [&](auto& one) {
                                    return value.HasMember(one);
                                  }) == rule.Size();
    if (word == "minimum")
      return !value.IsNumber() || value.GetDouble() >= rule.GetDouble();
    if (word == "maximum")
      return !value.IsNumber() || value.GetDouble() <= rule.GetDouble();
    if (word == "minLength")
      return !value.IsString() || characters_of(value) >= rule.GetUint64();
    if (word == "maxLength")
      return !value.IsString() || characters_of(value) <= rule.GetUint64();
    if (word == "minItems")
      return !value.IsArray() || value.Size() >= rule.GetUint64();
    if (word == "maxItems")
      return !value.IsArray() || value.Size() <= rule.GetUint64();
    if (word == "minProperties")
      return !value.IsObject() || value.MemberCount() >= rule.GetUint64();
    if (word == "pattern")
      return !value.IsString()
             || std::regex_search(
               std::string{value.GetString(), value.GetStringLength()},
               compiled(rule.GetString()));
    throw std::runtime_error("the keyword " + word + " is not known here");
  }

  [[nodiscard]] const std::regex& compiled(const std::string& pattern) const {
    auto found = patterns_.find(pattern);
    if (found == patterns_.end())
      found = patterns_.emplace(pattern, std::regex{pattern}).first;
    return found->second;
  }

  [[nodiscard]] const json& definition(const char* reference) const {
    auto* found = rapidjson::Pointer{reference + 1}.Get(rules_); // after #
    if (found == nullptr)
      throw std::runtime_error(std::string{"nothing at "} + reference);
    return *found;
  }

  /// JSON Schema counts code points.
  static size_t characters_of(const json& value) {
    std::string_view text{value.GetString(), value.GetStringLength()};
    return static_cast<size_t>(
      std::count_if(text.begin(), text.end(),
                    [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
  }

  static bool described(const json& rules, const json& name) {
    auto found = rules.FindMember("properties");
    return found != rules.MemberEnd() && found->value.HasMember(name);
  }

  template <class Predicate>
  static size_t count(const json& list, Predicate holds) {
    size_t number = 0;
    for (auto& one : list.GetArray())
      number += holds(one) ? 1 : 0;
    return number;
  }

  [[nodiscard]] size_t matching(const json& value, const json& list) const {
    return count(list,
                 [&](auto& one) { return judge(value, one, "#").empty(); });
  }

  static bool is_one_of(const json& value, const json& types) {
    if (types.IsArray())
      return count(types, [&](auto& one) { return is_one_of(value, one); }) > 0;
    std::string type = types.GetString();
    if (type == "integer")
      return value.IsNumber()
             && std::floor(value.GetDouble()) == value.GetDouble();
    return (type == "null" && value.IsNull())
           || (type == "boolean" && value.IsBool())
           || (type == "number" && value.IsNumber())
           || (type == "string" && value.IsString())
           || (type == "array" && value.IsArray())
           || (type == "object" && value.IsObject());
  }

  rapidjson::Document rules_;
  mutable std::map<std::string, std::regex> patterns_; ///< compiled once
};

} // namespace sluice::test
