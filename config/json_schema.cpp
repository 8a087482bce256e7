#include "config/check.hpp"
#include "config/check_scalar.hpp"
#include "config/columns.hpp"
#include "config/job.hpp"
#include "config/load.hpp"
#include "config/number_pattern.hpp"
#include "core/base/units.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

namespace sluice::config {

namespace {

constexpr int64_t largest_number = std::numeric_limits<int64_t>::max();

/// Text without a reference: `$$` is a dollar, and a `$` that does not begin
/// `${` stands for itself. Control characters are never allowed.
constexpr const char* plain_text =
  R"(^([^$\u0000-\u001f\u007f]|\$\$|\$[^${\u0000-\u001f\u007f])*\$?$)";

constexpr const char* text_with_reference =
  R"(^([^$\u0000-\u001f\u007f]|\$\$|\$[^${\u0000-\u001f\u007f])*)"
  R"(\$\{([A-Za-z_][A-Za-z0-9_]*(:-[^}\u0000-\u001f\u007f]*)?)"
  R"(|file:[^}\u0000-\u001f\u007f]+)\})"
  R"(([^$\u0000-\u001f\u007f]|\$\$|\$[^${\u0000-\u001f\u007f])"
  R"(|\$\{([A-Za-z_][A-Za-z0-9_]*(:-[^}\u0000-\u001f\u007f]*)?)"
  R"(|file:[^}\u0000-\u001f\u007f]+)\})*\$?$)";

/// A JSON Pointer without a reference.
constexpr const char* pointer_text =
  R"(^(/([^$~\u0000-\u001f\u007f]|~[01]|\$\$|\$~[01])"
  R"(|\$[^$~{\u0000-\u001f\u007f])*\$?)?$)";

/// A name in a mapping, taken literally.
constexpr const char* name_text = R"(^[^\u0000-\u001f\u007f]+$)";

/// An expression for a number with a unit, within the field's bounds.
std::string unit_pattern(const field& spec, std::span<const named_unit> units) {
  auto least = std::max<int64_t>(spec.min.value_or(0), 0);
  auto most = spec.max.value_or(int64_t{1} << 60);
  std::string parts;
  for (auto& unit : units) {
    auto factor = static_cast<int64_t>(unit.factor);
    if (auto first = (least + factor - 1) / factor; first <= most / factor)
      parts += (parts.empty() ? "" : "|") + number_pattern(first, most / factor)
               + std::string{unit.name};
  }
  return "^(" + parts + ")$";
}

std::string number_pattern_of(const field& spec) {
  if (spec.min.value_or(-1) < 0)
    return "-?[0-9]+";
  return number_pattern(*spec.min, spec.max.value_or(largest_number));
}

/// Writes the schema of each field; ${…} may stand for any single value, and a
/// number or a word may be quoted.
class schema_writer {
public:
  std::string document(const field& root) {
    out_.SetIndent(' ', 2);
    out_.StartObject();
    member("$schema", "https://json-schema.org/draft/2020-12/schema");
    member("title", "sluice config");
    mapping(root);
    definitions();
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
        return either({[&] { member("type", "boolean"); },
                       [&] {
                         words({"true", "false"});
                       },
                       reference()});
      case field_kind::integer:
        return integer(spec);
      case field_kind::number:
        return either({[&] { range("number", spec); },
                       [&] { pattern("^-?[0-9]+(\\.[0-9]+)?$"); },
                       reference()});
      case field_kind::duration:
        return either({[&] { pattern(unit_pattern(spec, duration_units())); },
                       reference()});
      case field_kind::size:
        return either({[&] { range("integer", spec); },
                       [&] { pattern(unit_pattern(spec, size_units())); },
                       reference()});
      case field_kind::choice:
        return either({[&] { words(spec.choices); }, reference()});
      case field_kind::columns:
        return columns();
      case field_kind::text_list:
      case field_kind::pointers:
        return either(
          {[&] { text_in_list(spec); }, [&] { list_of_texts(spec); }});
      case field_kind::integer_list:
        return list_of_integers(spec);
      case field_kind::text_map:
      case field_kind::pairs:
        return map(spec);
      case field_kind::text_or_map:
        return either({[&] { any_text(); }, [&] { map(spec); }});
      case field_kind::json_template:
        return member("type", "object");
      case field_kind::typed_list:
        return typed_list(spec);
      default:
        return text_of(spec);
    }
  }

  using part = std::function<void()>;

  void either(const std::vector<part>& parts) {
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
  void text_of(const field& spec) {
    if (!spec.min && !spec.max)
      return any_text();
    text_parts(spec.min.value_or(1), spec.max.value_or(longest_text));
  }

  void text_parts(int64_t shortest, int64_t longest) {
    auto plain = [=, this] {
      pattern(plain_text);
      number("minLength", shortest);
      number("maxLength", longest);
    };
    either({plain, reference(), [&] { member("type", "number"); },
            [&] { member("type", "boolean"); }});
  }

  void any_text() { member("$ref", "#/$defs/text"); }

  void list_of_texts(const field& spec) {
    member("type", "array");
    number("minItems", spec.min.value_or(0));
    key("items");
    out_.StartObject();
    text_in_list(spec);
    out_.EndObject();
  }

  void text_in_list(const field& spec) {
    if (spec.kind == field_kind::pointers)
      pointer_or_word(spec);
    else if (spec.choices.empty())
      any_text();
    else
      either({[&] { words(spec.choices); }, reference()});
  }

  void pointer_or_word(const field& spec) {
    std::vector<part> parts{[&] {
                              pattern(pointer_text);
                              number("maxLength", longest_text);
                            },
                            reference()};
    if (!spec.choices.empty())
      parts.push_back([&] { words(spec.choices); });
    either(parts);
  }

  part reference() {
    return [this] { member("$ref", "#/$defs/reference"); };
  }

  /// Definitions that all fields share.
  void definitions() {
    key("$defs");
    out_.StartObject();
    key("reference");
    out_.StartObject();
    member("description", "Text with a reference: ${VAR}, ${VAR:-default} or "
                          "${file:/path}.");
    pattern(text_with_reference);
    out_.EndObject();
    key("text");
    out_.StartObject();
    text_parts(1, longest_text);
    out_.EndObject();
    out_.EndObject();
  }

  void number(std::string_view name, int64_t value) {
    key(name);
    out_.Int64(value);
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
    // The type `null`, which YAML reads as no value if it is not quoted.
    if (std::find(list.begin(), list.end(), "null") != list.end())
      out_.Null();
    out_.EndArray();
  }

  void integer(const field& spec) {
    std::vector<part> parts{
      [&] { range("integer", spec); },
      [&] { pattern("^" + number_pattern_of(spec) + "$"); }};
    if (!spec.choices.empty())
      parts.push_back([&] { words(spec.choices); });
    parts.push_back(reference());
    either(parts);
  }

  void range(std::string_view type, const field& spec) {
    member("type", type);
    if (spec.min)
      number("minimum", *spec.min);
    if (spec.max)
      number("maximum", *spec.max);
  }

  void list_of_integers(const field& spec) {
    member("type", "array");
    key("items");
    out_.StartObject();
    integer(spec);
    out_.EndObject();
  }

  void map(const field& spec) {
    member("type", "object");
    number("minProperties", spec.min.value_or(0));
    key("propertyNames");
    out_.StartObject();
    pattern(name_text);
    number("maxLength", longest_text);
    out_.EndObject();
    key("additionalProperties");
    out_.StartObject();
    if (spec.kind == field_kind::text_or_map)
      any_text();
    else
      text_parts(0, longest_text);
    out_.EndObject();
  }

  void mapping(const field& spec) {
    member("type", "object");
    members(spec);
  }

  /// A section without a value is allowed if it or all its keys are optional.
  void section(const field& spec) {
    if (spec.required && is_needed(spec))
      return mapping(spec);
    key("type");
    out_.StartArray();
    text("object");
    text("null");
    out_.EndArray();
    members(spec);
  }

  /// The word that selects an item's fields is written literally.
  void type_of_item(const field& spec) {
    out_.StartObject();
    member("description", spec.help);
    words(spec.choices);
    out_.EndObject();
  }

  void members(const field& spec, bool is_typed = false) {
    key("additionalProperties");
    out_.Bool(false);
    key("properties");
    out_.StartObject();
    for (auto& child : spec.children) {
      key(child.name);
      if (is_typed && child.name == "type")
        type_of_item(child);
      else
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

  /// A required section without required keys may be left out.
  static bool is_needed(const field& spec) {
    if (spec.kind != field_kind::section)
      return true;
    for (auto& child : spec.children)
      if (child.required && is_needed(child))
        return true;
    return false;
  }

  void columns() {
    member("type", "array");
    number("minItems", 1);
    number("maxItems", static_cast<int64_t>(max_columns));
    key("items");
    out_.StartObject();
    mapping(column_keys());
    out_.EndObject();
  }

  void typed_list(const field& spec) {
    member("type", "array");
    key("minItems");
    out_.Int64(spec.min.value_or(0));
    key("items");
    out_.StartObject();
    key("oneOf");
    out_.StartArray();
    for (auto& child : spec.children) {
      out_.StartObject();
      member("description", child.help);
      member("type", "object");
      members(child, true);
      out_.EndObject();
    }
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
