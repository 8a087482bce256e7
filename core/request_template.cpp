#include "core/request_template.hpp"

#include "core/base64.hpp"
#include "core/http_field.hpp"
#include "core/http_url.hpp"
#include "core/json_pointer.hpp"
#include "core/percent_encoding.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice {

namespace {

using rapidjson::Value;
using writer = rapidjson::Writer<rapidjson::StringBuffer>;
using place = auth_scheme::place;

caf::error template_error(const std::string& what) {
  return make_error(ec::usage, "the API profile's template " + what
                                 + "; correct the profile");
}

std::string joined(const std::vector<std::string_view>& texts) {
  std::string result;
  for (auto each : texts) {
    if (!result.empty())
      result += ' ';
    result += each;
  }
  return result;
}

std::optional<std::string>
value_of(const template_values& values, const std::string& name) {
  if (name == "urls" && !values.urls.empty())
    return joined(values.urls);
  if (name == "budget" && values.budget)
    return std::to_string(*values.budget);
  auto found = values.text.find(name);
  if (found == values.text.end())
    return std::nullopt;
  return found->second;
}

std::string as_is(std::string_view text) {
  return std::string{text};
}

/// `text` with every `${name}` replaced by its encoded value.
caf::expected<std::string> substitute(std::string_view text,
                                      const template_values& values,
                                      std::string (*encode)(std::string_view)) {
  std::string result;
  for (;;) {
    auto begin = text.find("${");
    result += text.substr(0, begin);
    if (begin == std::string_view::npos)
      return result;
    text.remove_prefix(begin + 2);
    auto end = text.find('}');
    if (end == std::string_view::npos)
      return template_error("has a \"${\" without its \"}\"");
    auto name = std::string{text.substr(0, end)};
    text.remove_prefix(end + 1);
    auto optional = name.ends_with('?');
    if (optional)
      name.pop_back();
    auto value = value_of(values, name);
    if (!value && !optional)
      return template_error("names ${" + printable(name)
                            + "}, which has no value here");
    if (value)
      result += encode(*value);
  }
}

/// The name in a template that is exactly "${name?}" and has no value.
bool is_dropped(std::string_view text, const template_values& values) {
  if (!text.starts_with("${") || !text.ends_with("?}")
      || text.find('}') != text.size() - 1)
    return false;
  auto name = std::string{text.substr(2, text.size() - 4)};
  return !value_of(values, name);
}

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool is_dropped(const Value& value, const template_values& values) {
  return value.IsString() && is_dropped(text_of(value), values);
}

void write(writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

caf::error write_constant(writer& out, const Value& value) {
  if (!value.Accept(out)) // infinite: it was beyond the range of doubles
    return template_error("holds a number of 1e309 or more; write it as text");
  return {};
}

/// Writes a JSON body from its template.
class body_expander {
public:
  body_expander(const template_values& values, writer& out)
      : values_{values}, out_{out} {}

  caf::error expand(const Value& value) {
    if (value.IsObject())
      return expand_object(value);
    if (value.IsArray())
      return expand_array(value);
    if (value.IsString())
      return expand_text(text_of(value));
    return write_constant(out_, value);
  }

  caf::error expand_members(const Value& object) {
    for (const auto& [name, value] : object.GetObject()) {
      if (is_dropped(value, values_))
        continue;
      out_.Key(name.GetString(), name.GetStringLength());
      if (auto err = expand(value))
        return err;
    }
    return {};
  }

private:
  caf::error expand_object(const Value& object) {
    out_.StartObject();
    auto err = expand_members(object);
    out_.EndObject();
    return err;
  }

  caf::error expand_array(const Value& array) {
    out_.StartArray();
    for (const auto& value : array.GetArray()) {
      if (is_dropped(value, values_))
        continue;
      if (auto err = expand(value))
        return err;
    }
    out_.EndArray();
    return {};
  }

  caf::error expand_text(std::string_view text) {
    if (text == "${urls}" && !values_.urls.empty()) {
      out_.StartArray();
      for (auto url : values_.urls)
        write(out_, url);
      out_.EndArray();
      return {};
    }
    if ((text == "${budget}" || text == "${budget?}") && values_.budget) {
      out_.Uint64(*values_.budget);
      return {};
    }
    auto expanded = substitute(text, values_, as_is);
    if (!expanded)
      return expanded.error();
    write(out_, *expanded);
    return {};
  }

  const template_values& values_;
  writer& out_;
};

caf::expected<std::string>
json_body(const Value& body, const api_profile& profile,
          const template_values& values, const std::string& key) {
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.StartObject();
  if (auto err = body_expander{values, out}.expand_members(body))
    return err;
  if (profile.auth.in == place::body) {
    out.Key(profile.auth.name.c_str());
    write(out, key);
  }
  out.EndObject();
  return std::string{buffer.GetString(), buffer.GetSize()};
}

void append_field(std::string& form, std::string_view name,
                  std::string_view value) {
  if (!form.empty())
    form += '&';
  form += percent_encode(name) + '=' + percent_encode(value);
}

caf::expected<std::string>
form_value(const Value& value, const template_values& values) {
  if (value.IsObject() || value.IsArray())
    return template_error("for a form holds an object or array");
  if (value.IsString())
    return substitute(text_of(value), values, as_is);
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  if (auto err = write_constant(out, value))
    return err;
  return std::string{buffer.GetString(), buffer.GetSize()};
}

caf::expected<std::string>
form_body(const Value& body, const api_profile& profile,
          const template_values& values, const std::string& key) {
  std::string form;
  for (const auto& [name, value] : body.GetObject()) {
    if (is_dropped(value, values))
      continue;
    auto text = form_value(value, values);
    if (!text)
      return text.error();
    append_field(form, text_of(name), *text);
  }
  if (profile.auth.in == place::body)
    append_field(form, profile.auth.name, key);
  return form;
}

caf::error add_headers(http_request& request, const header_template& headers,
                       const template_values& values) {
  constexpr size_t longest = 8 * 1024;
  for (const auto& [name, text] : headers) {
    if (is_dropped(text, values))
      continue;
    auto value = substitute(text, values, as_is);
    if (!value)
      return value.error();
    if (!is_field_value(*value) || value->size() > longest)
      return template_error("for the header " + printable(name)
                            + " gives a value that is longer than 8 KiB or "
                              "holds a control character");
    request.headers.emplace_back(name, std::move(*value));
  }
  return {};
}

/// A key without a colon is a user name without a password.
std::string basic_credentials(const std::string& key) {
  auto has_password = key.find(':') != std::string::npos;
  return "Basic " + base64(has_password ? key : key + ':');
}

} // namespace

caf::expected<std::string>
expand_url(const std::string& base, const std::string& path,
           const query_template& query, const template_values& values) {
  auto expanded = substitute(path, values, percent_encode);
  if (!expanded)
    return expanded.error();
  auto url = base + *expanded;
  for (const auto& [name, text] : query) {
    if (is_dropped(text, values))
      continue;
    auto value = substitute(text, values, as_is);
    if (!value)
      return value.error();
    append_parameter(url, name, *value);
  }
  return url;
}

caf::expected<http_request> make_submit(const api_profile& profile,
                                        const template_values& values,
                                        const std::string& key) {
  const auto& dialect = profile.submit;
  auto url = expand_url(profile.base, dialect.path, dialect.query, values);
  if (!url)
    return url.error();
  auto body = parse_json(dialect.body);
  if (!body || !body->IsObject())
    return template_error("for the submit body is no JSON object");
  auto form = dialect.as == submit_dialect::encoding::form;
  auto text = form ? form_body(*body, profile, values, key)
                   : json_body(*body, profile, values, key);
  if (!text)
    return text.error();
  http_request request;
  request.method = dialect.method;
  request.url = std::move(*url);
  request.body = std::move(*text);
  request.content_type =
    form ? "application/x-www-form-urlencoded" : "application/json";
  request.fresh_connection = true;
  if (auto err = add_headers(request, dialect.headers, values))
    return err;
  if (dialect.idempotency && !values.idempotency_key.empty())
    request.headers.emplace_back(dialect.idempotency->header,
                                 values.idempotency_key);
  authorize(request, profile.auth, key);
  return request;
}

void authorize(http_request& request, const auth_scheme& auth,
               const std::string& key) {
  switch (auth.in) {
    case place::header:
      request.headers.emplace_back(auth.name, auth.prefix + key);
      break;
    case place::basic:
      request.headers.emplace_back("Authorization", basic_credentials(key));
      break;
    case place::query:
      append_parameter(request.url, auth.name, key);
      break;
    case place::body:
    case place::none:
      break;
  }
}

} // namespace sluice
