#include "config/check.hpp"
#include "config/job_fields.hpp"
#include "config/load.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <functional>
#include <initializer_list>

namespace sluice::config {

namespace {

/// Writes the schema of each field; ${…} may stand for any single value.
class schema_writer {
public:
  std::string document(const field& root) {
    out_.SetIndent(' ', 2);
    out_.StartObject();
    member("$schema", "https://json-schema.org/draft/2020-12/schema");
    member("title", "sluice config");
    mapping(root);
    out_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

private:
  void key(std::string_view name) {
    out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void text(std::string_view value) {
    out_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }

  void schema(const field& spec) {
    out_.StartObject();
    if (!spec.help.empty())
      member("description", spec.help);
    if (!spec.default_value.empty())
      default_value(spec);
    shape(spec);
    out_.EndObject();
  }

  void default_value(const field& spec) {
    key("default");
    auto is_plain = spec.kind == field_kind::boolean
                    || (spec.kind == field_kind::integer
                        && spec.default_value.find_first_not_of("0123456789")
                             == std::string::npos);
    if (is_plain)
      out_.RawValue(spec.default_value.data(), spec.default_value.size(),
                    rapidjson::kNumberType);
    else
      text(spec.default_value);
  }

  void shape(const field& spec) {
    switch (spec.kind) {
      case field_kind::section:
        return section(spec);
      case field_kind::boolean:
        return either({[&] { member("type", "boolean"); }, reference()});
      case field_kind::integer:
        return integer(spec);
      case field_kind::number:
        return either({[&] { member("type", "number"); }, reference()});
      case field_kind::duration:
        return pattern("^([0-9]+(ms|s|m|h)|.*\\$\\{.*)$");
      case field_kind::size:
        return either(
          {[&] { member("type", "integer"); },
           [&] { pattern("^([0-9]+(KiB|MiB|GiB)?|.*\\$\\{.*)$"); }});
      case field_kind::choice:
        return either({[&] { words(spec.choices); }, reference()});
      case field_kind::text_list:
      case field_kind::pointers:
        return either({single(), list()});
      case field_kind::integer_list:
        return list_of("integer");
      case field_kind::text_map:
      case field_kind::pairs:
        return map();
      case field_kind::text_or_map:
        return either({single(), [&] { map(); }});
      case field_kind::json_template:
        return member("type", "object");
      case field_kind::typed_list:
        return typed_list(spec);
      default:
        return scalar();
    }
  }

  using part = std::function<void()>;

  void either(std::initializer_list<part> parts) {
    key("anyOf");
    out_.StartArray();
    for (auto& write : parts) {
      out_.StartObject();
      write();
      out_.EndObject();
    }
    out_.EndArray();
  }

  /// Any single value is text to sluice.
  void scalar() {
    key("type");
    out_.StartArray();
    for (auto type : {"string", "number", "boolean"})
      text(type);
    out_.EndArray();
  }

  part single() {
    return [this] { scalar(); };
  }

  part list() {
    return [this] {
      member("type", "array");
      key("items");
      out_.StartObject();
      scalar();
      out_.EndObject();
    };
  }

  part reference() {
    return [this] { pattern("\\$\\{"); };
  }

  void pattern(std::string_view expression) {
    member("type", "string");
    member("pattern", expression);
  }

  void words(const std::vector<std::string>& list) {
    key("enum");
    out_.StartArray();
    for (auto& word : list)
      text(word);
    // The type `null`, which YAML reads as no value when it is not quoted.
    if (std::find(list.begin(), list.end(), "null") != list.end())
      out_.Null();
    out_.EndArray();
  }

  void integer(const field& spec) {
    auto number = [&] { integer_range(spec); };
    if (spec.choices.empty())
      either({number, reference()});
    else
      either({number, [&] { words(spec.choices); }, reference()});
  }

  void integer_range(const field& spec) {
    member("type", "integer");
    if (spec.min) {
      key("minimum");
      out_.Int64(*spec.min);
    }
    if (spec.max) {
      key("maximum");
      out_.Int64(*spec.max);
    }
  }

  void list_of(std::string_view type) {
    member("type", "array");
    key("items");
    out_.StartObject();
    member("type", type);
    out_.EndObject();
  }

  void map() {
    member("type", "object");
    key("additionalProperties");
    out_.StartObject();
    scalar();
    out_.EndObject();
  }

  void mapping(const field& spec) {
    member("type", "object");
    members(spec);
  }

  /// One that needs nothing may stand there without a value.
  void section(const field& spec) {
    if (is_needed(spec))
      return mapping(spec);
    key("type");
    out_.StartArray();
    text("object");
    text("null");
    out_.EndArray();
    members(spec);
  }

  void members(const field& spec) {
    key("additionalProperties");
    out_.Bool(false);
    key("properties");
    out_.StartObject();
    for (auto& child : spec.children) {
      key(child.name);
      schema(child);
    }
    out_.EndObject();
    key("required");
    out_.StartArray();
    for (auto& child : spec.children)
      if (child.required && is_needed(child))
        text(child.name);
    out_.EndArray();
  }

  /// A required section with nothing required in it may be left out.
  static bool is_needed(const field& spec) {
    if (spec.kind != field_kind::section)
      return true;
    for (auto& child : spec.children)
      if (child.required && is_needed(child))
        return true;
    return false;
  }

  void typed_list(const field& spec) {
    member("type", "array");
    key("minItems");
    out_.Int64(spec.min.value_or(0));
    key("items");
    out_.StartObject();
    key("oneOf");
    out_.StartArray();
    for (auto& child : spec.children)
      schema(child);
    out_.EndArray();
    out_.EndObject();
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> out_{buffer_};
};

} // namespace

std::string json_schema(std::span<const sink_spec> sinks) {
  return schema_writer{}.document(job_fields(sinks));
}

} // namespace sluice::config
