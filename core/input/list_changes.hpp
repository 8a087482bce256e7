// Compares the current lists of a job with those read when it began: would they
// yield different URLs?

#pragma once

#include "core/input/import.hpp"
#include "core/input/list_hash.hpp"
#include "core/model/list_identity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

enum class list_change {
  edited,         ///< its content has changed
  added,          ///< it is not one of the job's lists
  left_out,       ///< it exists, but is no longer named
  read_otherwise, ///< same content, but another format or field
  gone,           ///< it no longer exists
  unseen,         ///< it can be read only once: standard input, a pipe
  unreadable,     ///< it exists, but cannot be read
};

struct changed_list {
  std::string name; ///< as in `list_identity`
  list_change change = list_change::edited;
  std::string detail{}; ///< in a few words; may be empty
};

struct list_comparison {
  std::vector<changed_list> other;      ///< would yield other URLs
  std::vector<changed_list> lost;       ///< cannot be compared: gone or unseen
  std::vector<changed_list> unreadable; ///< cannot be compared for now
  /// Set if the same content has new names or times. Store them, so that the
  /// lists need not be read again next time.
  std::optional<std::vector<list_identity>> renewed;
};

/// Compares `read`, the job's lists, with those that `input` names now. A list
/// whose name, size and time are unchanged is not read again. Otherwise its
/// content decides, even under another name. The order is ignored. Errors:
/// ec::interrupted.
[[nodiscard]] caf::expected<list_comparison>
compare_lists(const std::vector<list_identity>& read,
              const input_options& input, read_monitor& monitor);

} // namespace sluice
