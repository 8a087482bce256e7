#include "config/value_reader.hpp"

#include "config/check_scalar.hpp"
#include "config/expand.hpp"
#include "config/json_text.hpp"
#include "config/suggest.hpp"
#include "core/base/error.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::config {

namespace {

std::string meant(const std::string& word) {
  return word.empty() ? "" : "; did you mean \"" + word + "\"?";
}

/// Why a text is neither a JSON Pointer (RFC 6901) nor one of the field's
/// words, or "".
std::string pointer_defect(const field& spec, const std::string& text) {
  auto& words = spec.choices;
  if (text.empty()
      || std::find(words.begin(), words.end(), text) != words.end())
    return {};
  if (text[0] == '~' && !words.empty())
    return "sluice has no such value" + meant(nearest(text, words));
  if (text[0] != '/')
    return "a JSON Pointer is empty or begins with /";
  for (auto at = text.find('~'); at != text.npos; at = text.find('~', at + 1))
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))
      return "in a JSON Pointer, ~0 stands for ~ and ~1 for /";
  return {};
}

/// The values in a mapping may be empty: a header or parameter without a value.
std::string item_defect(const field& spec, const std::string& text) {
  if (spec.kind == field_kind::pointers)
    if (auto reason = pointer_defect(spec, text); !reason.empty())
      return reason;
  auto may_be_empty = spec.kind == field_kind::pointers
                      || spec.kind == field_kind::text_map
                      || spec.kind == field_kind::pairs;
  if (text.empty() && may_be_empty)
    return {};
  auto& words = spec.choices;
  if (!words.empty() && spec.kind != field_kind::pointers
      && std::find(words.begin(), words.end(), text) == words.end())
    return "\"" + printable(text, 60) + "\" is not an allowed word";
  field item;
  return text_defect(item, text);
}

} // namespace

std::string shown(const node& from) {
  if (from.is == node::kind::scalar)
    return "\"" + printable(from.text, 60) + "\"";
  return std::string{describe(from)};
}

std::string indexed(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

std::optional<value> value_reader::read(const node& from, const field& spec,
                                        const std::string& path) {
  switch (spec.kind) {
    case field_kind::secret:
      return read_secret(from, spec, path);
    case field_kind::text_list:
    case field_kind::pointers:
      return read_texts(from, spec, path);
    case field_kind::integer_list:
      return read_integers(from, spec, path);
    case field_kind::text_or_map:
      if (from.is == node::kind::scalar)
        return read_lone_text(from, spec, path);
      [[fallthrough]];
    case field_kind::text_map:
      return read_map(from, spec, path);
    case field_kind::pairs:
      return read_pairs(from, spec, path);
    case field_kind::json_template:
      return read_template(from, spec, path);
    default:
      return read_plain(from, spec, path);
  }
}

/// The scalar's text with references resolved.
std::optional<std::string> value_reader::text_of(const node& from,
                                                 const field& spec,
                                                 const std::string& path) {
  if (from.is != node::kind::scalar) {
    refuse(from, spec, path, {});
    return std::nullopt;
  }
  if (!options_.expand_references)
    return from.text;
  auto text = expand(from.text, options_.folder);
  if (!text) {
    findings_.add(from.at, path + ": " + what_of(text.error()));
    return std::nullopt;
  }
  // A header may be a credential; one whose value is not in the file probably
  // is.
  if (spec.kind == field_kind::text_map && *text != from.text)
    keep_likely_secret(*text);
  return std::move(*text);
}

std::optional<value> value_reader::read_plain(const node& from,
                                              const field& spec,
                                              const std::string& path) {
  auto text = text_of(from, spec, path);
  if (!text)
    return std::nullopt;
  auto result = read_scalar(spec, *text);
  if (auto refused = std::get_if<refusal>(&result)) {
    refuse(from, spec, path, refused->reason);
    return std::nullopt;
  }
  if (spec.kind == field_kind::path)
    return (options_.folder / *text).lexically_normal().string();
  return std::move(std::get<value>(result));
}

std::optional<value> value_reader::read_secret(const node& from,
                                               const field& spec,
                                               const std::string& path) {
  if (from.at.overridden) {
    findings_.add(from.at,
                  path
                    + " is a secret, and --set refuses secrets because other "
                      "users can see command lines: write "
                    + path + " in the file as ${VARIABLE} or ${file:/path}");
    return std::nullopt;
  }
  if (from.is != node::kind::scalar) {
    refuse(from, spec, path, {});
    return std::nullopt;
  }
  auto reason = text_defect(spec, from.text);
  if (auto failure = check_references(from.text); failure)
    reason = what_of(failure);
  if (!reason.empty()) {
    findings_.add(from.at, path + " is not a usable secret: " + reason);
    return std::nullopt;
  }
  return make_secret(from.text, options_.folder);
}

std::optional<std::string> value_reader::read_text(const node& from,
                                                   const field& spec,
                                                   const std::string& path) {
  auto text = text_of(from, spec, path);
  if (!text)
    return std::nullopt;
  if (auto reason = item_defect(spec, *text); !reason.empty()) {
    refuse(from, spec, path, reason);
    return std::nullopt;
  }
  return text;
}

std::optional<value> value_reader::read_lone_text(const node& from,
                                                  const field& spec,
                                                  const std::string& path) {
  auto text = read_text(from, spec, path);
  if (!text)
    return std::nullopt;
  return std::map<std::string, std::string>{{"*", std::move(*text)}};
}

std::optional<value> value_reader::read_texts(const node& from,
                                              const field& spec,
                                              const std::string& path) {
  std::vector<std::string> out;
  if (from.is == node::kind::scalar) {
    auto text = read_text(from, spec, path);
    if (!text)
      return std::nullopt;
    return std::vector<std::string>{std::move(*text)};
  }
  if (!is_list(from, spec, path))
    return std::nullopt;
  for (size_t i = 0; i < from.items.size(); ++i)
    if (auto text = read_text(from.items[i], spec, indexed(path, i)))
      out.push_back(std::move(*text));
  return out;
}

std::optional<value> value_reader::read_integers(const node& from,
                                                 const field& spec,
                                                 const std::string& path) {
  if (!is_list(from, spec, path))
    return std::nullopt;
  auto item = spec;
  item.kind = field_kind::integer;
  std::vector<int64_t> out;
  for (size_t i = 0; i < from.items.size(); ++i)
    if (auto got = read_plain(from.items[i], item, indexed(path, i)))
      out.push_back(std::get<int64_t>(*got));
  return out;
}

std::optional<text_pairs> value_reader::pairs_of(const node& from,
                                                 const field& spec,
                                                 const std::string& path) {
  if (from.is != node::kind::mapping) {
    refuse(from, spec, path, {});
    return std::nullopt;
  }
  if (from.members.empty() && spec.min.value_or(0) > 0) {
    refuse(from, spec, path, "it is empty");
    return std::nullopt;
  }
  text_pairs out;
  for (auto& m : from.members) {
    auto inner = path + "." + printable(m.key, 60);
    if (auto reason = text_defect(field{}, m.key); !reason.empty()) {
      findings_.add(m.at, "a name in " + path + " cannot be used: " + reason);
      continue;
    }
    if (auto text = read_text(m.value, spec, inner))
      out.emplace_back(m.key, std::move(*text));
  }
  return out;
}

std::optional<value> value_reader::read_pairs(const node& from,
                                              const field& spec,
                                              const std::string& path) {
  auto pairs = pairs_of(from, spec, path);
  return pairs ? std::optional<value>{std::move(*pairs)} : std::nullopt;
}

std::optional<value> value_reader::read_map(const node& from, const field& spec,
                                            const std::string& path) {
  auto pairs = pairs_of(from, spec, path);
  if (!pairs)
    return std::nullopt;
  return std::map<std::string, std::string>{
    std::make_move_iterator(pairs->begin()),
    std::make_move_iterator(pairs->end())};
}

std::optional<value> value_reader::read_template(const node& from,
                                                 const field& spec,
                                                 const std::string& path) {
  if (from.is != node::kind::mapping) {
    refuse(from, spec, path, {});
    return std::nullopt;
  }
  return json_text(from);
}

bool value_reader::is_list(const node& from, const field& spec,
                           const std::string& path) {
  if (from.is != node::kind::list)
    refuse(from, spec, path, {});
  else if (from.items.empty()
           && (spec.kind == field_kind::columns
               || (spec.min.value_or(0) > 0
                   && spec.kind != field_kind::integer_list)))
    refuse(from, spec, path, "it is empty");
  else
    return true;
  return false;
}

void value_reader::refuse(const node& from, const field& spec,
                          const std::string& path, const std::string& reason) {
  // Headers may be credentials.
  auto is_private =
    spec.kind == field_kind::text_map && from.is == node::kind::scalar;
  auto message =
    (is_private ? "this" : shown(from)) + " is not a valid value for " + path;
  if (!reason.empty())
    message += " (" + reason + ")";
  message += ": write " + wanted(spec);
  if (!spec.example.empty())
    message += ", such as " + spec.example;
  if (from.is == node::kind::null && !spec.required)
    message += ", or leave the key out";
  if (!spec.hint.empty())
    message += "; " + spec.hint;
  findings_.add(from.at, message);
}

} // namespace sluice::config
