#include "core/api/request_template.hpp"

#include "core/base/base64.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/http/http_field.hpp"
#include "core/http/http_url.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <utility>

namespace sluice {

namespace {

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

/// Replaces every `${name}` in `text` with its encoded value.
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

/// True if a template is exactly "${name?}" and the name has no value.
bool is_dropped(std::string_view text, const template_values& values) {
  if (!text.starts_with("${") || !text.ends_with("?}")
      || text.find('}') != text.size() - 1)
    return false;
  auto name = std::string{text.substr(2, text.size() - 4)};
  return !value_of(values, name);
}

void write(writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// A handler for json_reader.hpp that writes a body from its template, a JSON
/// object. Values that are not strings are copied.
class json_expander {
public:
  json_expander(const template_values& values, const api_profile& profile,
                const std::string& key)
      : values_{values}, profile_{profile}, api_key_{key} {}

  bool name(const json_token& token) {
    member_ = json_text(token, scratch_);
    return true;
  }

  bool scalar(const json_token& token) {
    if (depth_ == 0)
      return false;
    if (token.kind == json_kind::string)
      return text(json_text(token, scratch_));
    begin_value();
    return out_.RawValue(token.text.data(), token.text.size(),
                         rapidjson::kNumberType);
  }

  bool open(bool is_array, size_t) {
    if (depth_ == 0 && is_array)
      return false;
    ++depth_;
    begin_value();
    arrays_.push_back(is_array);
    return is_array ? out_.StartArray() : out_.StartObject();
  }

  bool close(size_t) {
    auto is_array = arrays_.back();
    arrays_.pop_back();
    if (--depth_ == 0)
      add_key();
    return is_array ? out_.EndArray() : out_.EndObject();
  }

  [[nodiscard]] std::string take() const {
    return {buffer_.GetString(), buffer_.GetSize()};
  }

  caf::error error; ///< why a handler returned false, if there is more to say

private:
  /// Writes the member's name; array elements have none.
  void begin_value() {
    if (!arrays_.empty() && !arrays_.back())
      out_.Key(member_.data(),
               static_cast<rapidjson::SizeType>(member_.size()));
  }

  bool text(std::string_view text) {
    if (is_dropped(text, values_))
      return true;
    begin_value();
    if (text == "${urls}" && !values_.urls.empty()) {
      out_.StartArray();
      for (auto url : values_.urls)
        write(out_, url);
      return out_.EndArray();
    }
    if ((text == "${budget}" || text == "${budget?}") && values_.budget)
      return out_.Uint64(*values_.budget);
    auto expanded = substitute(text, values_, as_is);
    if (expanded)
      write(out_, *expanded);
    else
      error = expanded.error();
    return !error;
  }

  void add_key() {
    if (profile_.auth.in != place::body)
      return;
    out_.Key(profile_.auth.name.c_str());
    write(out_, api_key_);
  }

  const template_values& values_;
  const api_profile& profile_;
  const std::string& api_key_;
  rapidjson::StringBuffer buffer_;
  writer out_{buffer_};
  std::string scratch_;
  std::string member_;       ///< the name of the last member
  std::vector<bool> arrays_; ///< which open containers are arrays
  size_t depth_ = 0;
};

/// Like json_expander, for a form: one level of fields.
class form_expander {
public:
  form_expander(const template_values& values, const api_profile& profile,
                const std::string& key)
      : values_{values}, profile_{profile}, api_key_{key} {}

  bool name(const json_token& token) {
    member_ = json_text(token, scratch_);
    return true;
  }

  bool scalar(const json_token& token) {
    auto text = json_text(token, scratch_);
    auto is_text = token.kind == json_kind::string;
    if (!opened_ || (is_text && is_dropped(text, values_)))
      return opened_;
    auto value = is_text ? substitute(text, values_, as_is) : as_is(text);
    if (value)
      append_field(member_, *value);
    else
      error = value.error();
    return !error;
  }

  bool open(bool is_array, size_t) {
    if (opened_)
      error = template_error("for a form contains an object or array");
    return !std::exchange(opened_, true) && !is_array;
  }

  bool close(size_t) {
    if (profile_.auth.in == place::body)
      append_field(profile_.auth.name, api_key_);
    return true;
  }

  [[nodiscard]] std::string take() { return std::move(form_); }

  caf::error error;

private:
  void append_field(std::string_view name, std::string_view value) {
    if (!form_.empty())
      form_ += '&';
    form_ += percent_encode(name) + '=' + percent_encode(value);
  }

  const template_values& values_;
  const api_profile& profile_;
  const std::string& api_key_;
  std::string scratch_;
  std::string member_;
  std::string form_;
  bool opened_ = false;
};

template <class Expander>
caf::expected<std::string>
expand_body(const api_profile& profile, const template_values& values,
            const std::string& key) {
  Expander expander{values, profile, key};
  auto defect = read_json(profile.submit.body, 0, expander);
  if (expander.error)
    return expander.error;
  if (defect)
    return template_error("for the submit body is not a JSON object");
  return expander.take();
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
                              "contains a control character");
    request.headers.emplace_back(name, std::move(*value));
  }
  return {};
}

/// A key without a colon is a user name with an empty password.
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
  auto form = dialect.as == submit_dialect::encoding::form;
  auto text = form ? expand_body<form_expander>(profile, values, key)
                   : expand_body<json_expander>(profile, values, key);
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
