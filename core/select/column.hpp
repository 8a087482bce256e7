// What a column of a row-shaped sink is: a name, where its value comes from,
// its type, and what happens to a capture that has no such value. The config
// makes these values; row_selector.hpp reads captures by them.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/pointer_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class column_type : uint8_t {
  text,    ///< a JSON string, or a JSON number as its own text
  integer, ///< a number of digits alone, of any size
  number,  ///< a JSON number, or a string that is exactly one, as its own text
  boolean,
  time, ///< an RFC 3339 string, or a number in the column's `unit`;
        ///< json_time.hpp has the limits
  json, ///< any value, as its own text
};

inline constexpr enum_words<column_type, 6> column_type_words{
  {{"text", column_type::text},
   {"integer", column_type::integer},
   {"number", column_type::number},
   {"boolean", column_type::boolean},
   {"time", column_type::time},
   {"json", column_type::json}}};

/// A value that sluice knows and the capture does not contain.
enum class own_value : uint8_t {
  run,          ///< the run's id at the API; text
  robot,        ///< the run's robot; text
  batch,        ///< the batch's key in the ledger; integer
  delivery,     ///< the page's number in the order of delivery; integer
  delivered_at, ///< when the page was delivered; time
  job,          ///< the job's id; text
};

/// As a config writes them.
inline constexpr enum_words<own_value, 6> own_value_words{
  {{"~run", own_value::run},
   {"~robot", own_value::robot},
   {"~batch", own_value::batch},
   {"~delivery", own_value::delivery},
   {"~delivered_at", own_value::delivered_at},
   {"~job", own_value::job}}};

/// What a number in a column of type `time` counts, since 1970.
enum class time_unit : uint8_t { seconds, milliseconds };

inline constexpr enum_words<time_unit, 2> time_unit_words{
  {{"s", time_unit::seconds}, {"ms", time_unit::milliseconds}}};

/// What happens to a capture whose value for a column is missing or of another
/// type.
enum class gap_rule : uint8_t {
  null,        ///< the column is null; counted
  dead_letter, ///< the capture goes to the dead letter file
  stop,        ///< the job stops
};

inline constexpr enum_words<gap_rule, 3> gap_rule_words{
  {{"null", gap_rule::null},
   {"dead_letter", gap_rule::dead_letter},
   {"stop", gap_rule::stop}}};

struct column {
  std::string name{};
  json_pointers from{}; ///< empty if `own` is set
  std::optional<own_value> own{};
  column_type type = column_type::text;
  std::optional<time_unit> unit{}; ///< only of a `time`
  gap_rule on_missing = gap_rule::null;
  gap_rule on_mismatch = gap_rule::null;
  bool operator==(const column&) const = default;
};

using column_list = std::vector<column>;

/// Columns of one sink.
inline constexpr size_t max_columns = 64;
/// Bytes of one value; a longer one is a mismatch.
inline constexpr size_t max_column_value = 1 << 20;

} // namespace sluice
