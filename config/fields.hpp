// One spec per config key. Loading, checking, the JSON Schema, `sluice init`
// and the manual's reference are all read from these, so no key is described
// twice. Sinks bring their own fields (actors/sinks/registry.hpp).

#pragma once

#include "core/api_client.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::config {

enum class field_kind {
  text,
  secret, ///< text resolved at first use, never shown; `--set` refuses it
  path,   ///< a file name, made absolute against the config file's folder
  boolean,
  integer,     ///< min, max as written
  duration,    ///< 500ms, 10s, 5m, 24h; min, max in milliseconds
  size,        ///< bytes, or 64KiB, 1MiB, 2GiB; min, max in bytes
  choice,      ///< one of `choices`
  text_list,   ///< a list of strings; one string is a list of one
  text_map,    ///< names to strings
  text_or_map, ///< one string (kept under "*"), or names to strings
  section,     ///< a mapping with the fields `children`
};

/// Everything there is to know of one key.
struct field {
  std::string name;
  field_kind kind = field_kind::text;
  std::string help;          ///< one or two sentences, for people
  std::string default_value; ///< as one would write it in YAML; "" = none
  bool required = false;
  std::optional<int64_t> min, max;
  std::vector<std::string> choices; ///< also words that stand beside numbers:
                                    ///< `auto`, `urls`, `none`
  std::vector<field> children;
};

/// A key's value after checking. A choice is text; a word of `choices` in an
/// integer field is text as well.
using value =
  std::variant<std::monostate, bool, int64_t, std::chrono::milliseconds,
               std::string, std::vector<std::string>,
               std::map<std::string, std::string>, secret>;

/// The checked values of one section, defaults filled in. Asking for a name
/// or type that the spec does not have is a bug and asserts.
class section {
public:
  /// False when the key was not given and has no default.
  [[nodiscard]] bool has(std::string_view name) const;

  template <class T>
  [[nodiscard]] const T &get(std::string_view name) const {
    return std::get<T>(find(name));
  }

  [[nodiscard]] const std::string &text(std::string_view name) const {
    return get<std::string>(name);
  }

  void set(std::string name, value v) {
    values_.insert_or_assign(std::move(name), std::move(v));
  }

private:
  [[nodiscard]] const value &find(std::string_view name) const;
  std::map<std::string, value, std::less<>> values_;
};

/// What the config layer knows of one sink type. `common` fields (type, name)
/// are added by the loader.
struct sink_spec {
  std::string type;
  std::string help;
  std::vector<field> fields;
};

} // namespace sluice::config
