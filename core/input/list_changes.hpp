// The lists of a job as they are now, compared with those that were read when
// it began: whether they would bring other URLs.

#pragma once

#include "core/input/import.hpp"
#include "core/input/list_hash.hpp"
#include "core/model/list_identity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class list_change {
  edited,         ///< its content is another
  added,          ///< it was not among the job's lists
  left_out,       ///< it was, and is there, but is not named any more
  read_otherwise, ///< its content is the same, its format or field is not
  gone,           ///< it is not there any more
  unseen,         ///< it can be read only once: standard input, a pipe
  unreadable,     ///< it is there, but reading it fails
};

struct changed_list {
  std::string name; ///< as `list_identity` has it
  list_change change = list_change::edited;
  std::string detail{}; ///< in a few words; may be empty
};

struct list_comparison {
  std::vector<changed_list> other;      ///< would bring other URLs
  std::vector<changed_list> lost;       ///< cannot be compared: gone or unseen
  std::vector<changed_list> unreadable; ///< nor can these, for now
  /// Set: the same content has other names or times now. To be remembered, so
  /// that it is not read again the next time.
  std::optional<std::vector<list_identity>> renewed;
};

/// Compares `read`, the lists of the job, with what `input` names now. Of the
/// same name, size and time a list is the same and not read. Otherwise its
/// content is what counts, also under another name. The order does not count.
/// Errors: ec::interrupted.
[[nodiscard]] caf::expected<list_comparison>
compare_lists(const std::vector<list_identity>& read,
              const input_options& input, read_monitor& monitor);

} // namespace sluice
