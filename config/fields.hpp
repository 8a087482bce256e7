// One spec per config key. Loading, checking, the JSON Schema, `sluice init`
// and the manual's reference all read these specs, so no key is described
// twice. Sinks bring their own fields (actors/sinks/registry.hpp).

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/secrets.hpp"
#include "core/select/column.hpp"

#include <cassert>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::config {

enum class field_kind {
  text,
  secret, ///< text resolved at first use, never shown; `--set` refuses it
  path,   ///< a file name, made absolute against the config file's folder
  boolean,
  integer,   ///< min, max as written
  duration,  ///< 500ms, 10s, 5m, 24h; min, max in milliseconds
  size,      ///< bytes, or 64KiB, 1MiB, 2GiB; min, max in bytes
  choice,    ///< one of `choices`
  text_list, ///< a list of strings, each one of `choices` if there are any; one
             ///< string is a list of one
  text_map,  ///< names to strings
  text_or_map, ///< one string (kept under "*"), or names to strings
  section,     ///< a mapping with the fields `children`
  typed_list,  ///< a list of mappings; each mapping's `type` names the child
               ///< whose children are its fields
  number,      ///< a decimal number
  integer_list,
  pointers,      ///< JSON Pointers (RFC 6901), and words of `choices`; one
                 ///< string is a list of one
  pairs,         ///< names to strings, in order
  json_template, ///< a mapping, kept as JSON text
  columns,       ///< the columns of a sink (columns.hpp)
};

// For bounds in milliseconds and bytes.
inline constexpr int64_t ms_per_hour = 3'600'000;
inline constexpr int64_t kib = 1 << 10;
inline constexpr int64_t gib = 1 << 30;

/// Whether a sink's key may change when a job is continued.
enum class change {
  refused,    ///< it decides where the captures go, or in what form
  first_time, ///< it may be added
  allowed,    ///< it affects only future deliveries
};

/// Everything about one key.
struct field {
  std::string name{};
  field_kind kind = field_kind::text;
  std::string help{};          ///< one or two sentences, for people
  std::string default_value{}; ///< as written in YAML; "": none
  bool required = false;       ///< in a section: its required children are, too
  std::optional<int64_t> min{}, max{};
  std::vector<std::string> choices{}; ///< also words accepted besides numbers:
                                      ///< `auto`, `urls`, `none`
  std::vector<field> children{};
  std::string example{}; ///< as written in YAML
  std::string hint{};    ///< added to the message about a refused value
  std::string notes{};   ///< Markdown, added to the reference page
  /// For a sink's path: endings of the files that are written beside it.
  std::vector<std::string> beside{};
  /// For a sink's path: true if the file is only read, so that several keys may
  /// name it. Two sinks must not write the same file.
  bool shared = false;
  /// Applies only to a sink's texts, lists of texts, paths, choices and
  /// columns; other keys may always change.
  change when_continued = change::refused;
  /// For a sink's text: it says where captures go, not in what form, and may
  /// change as a path may, by `relocate`.
  bool is_address = false;
  bool to_stdout = false; ///< see `sink_spec`
};

/// The word for `value`, as a choice's `default_value`.
template <class Value, size_t N>
[[nodiscard]] std::string
default_word(const enum_words<Value, N>& table, Value value) {
  return std::string{word_of(table, value)};
}

class section;

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// A key's value after checking. A choice is text; so is a word of `choices` in
/// an integer field; sizes are int64_t bytes. A section's own name is true if
/// the section was given, else it has no value.
using value = std::variant<
  std::monostate, bool, int64_t, std::chrono::milliseconds, std::string,
  std::vector<std::string>, std::map<std::string, std::string>, secret, double,
  std::vector<int64_t>, text_pairs, std::vector<section>, column_list>;

/// The checked values of one section, with defaults filled in. The values of
/// nested sections have dotted names: `get<int64_t>("batch.captures")`. Asking
/// for a name or type that is not in the spec is a bug and asserts.
class section {
public:
  /// False if the key was not given and has no default, or if the section was
  /// not given.
  [[nodiscard]] bool has(std::string_view name) const;

  /// True if the key's value is of this type.
  template <class T>
  [[nodiscard]] bool holds(std::string_view name) const {
    return std::holds_alternative<T>(find(name));
  }

  template <class T>
  [[nodiscard]] const T& get(std::string_view name) const {
    const T* found = std::get_if<T>(&find(name));
    assert(found != nullptr);
    return *found;
  }

  [[nodiscard]] const std::string& text(std::string_view name) const {
    return get<std::string>(name);
  }

  /// What a choice's word stands for. The check has refused unknown words, so
  /// `table` must have it.
  template <class Value, size_t N>
  [[nodiscard]] Value
  choice(std::string_view name, const enum_words<Value, N>& table) const {
    auto found = value_of(table, text(name));
    assert(found.has_value());
    return *found;
  }

  void set(std::string name, value v) {
    values_.insert_or_assign(std::move(name), std::move(v));
  }

private:
  [[nodiscard]] const value& find(std::string_view name) const;
  std::map<std::string, value, std::less<>> values_;
};

/// What the config layer knows about one sink type. The loader adds the common
/// fields (type, name).
struct sink_spec {
  std::string type{};
  std::string help{};
  std::vector<field> fields{};
  std::string notes{};    ///< see `field`
  bool to_stdout = false; ///< writes to standard output
};

/// A rehearsal's sinks write to the real file's path with this suffix.
inline constexpr const char* rehearsal_suffix = ".simulated";

} // namespace sluice::config
