// The part of a ledger that begins a job: what it is bound to, and the import
// of its URL lists.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/job_binding.hpp"
#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"

#include <cstdint>
#include <vector>

namespace sluice {

/// Each function that changes something is one transaction, durable on return,
/// except that additions become durable with `finish_import`.
class import_store : public import_target {
public:
  /// Binds a new ledger to a job. For an old one, refuses (ec::usage) what
  /// differs and names the old and the new value. An empty value may be set
  /// once, and is then kept. Paths may have moved with the ledger's folder.
  [[nodiscard]] virtual caf::error bind(const job_binding& identity) = 0;
  /// What `bind` would refuse. Changes nothing.
  [[nodiscard]] virtual caf::error check_bound(const job_binding& identity) = 0;

  /// Forgets an unfinished import; the job begins now. Batches that are added
  /// become visible to `next_planned` only with `finish_import`.
  [[nodiscard]] virtual caf::error begin_import() = 0;
  // add_batch, add_invalid, add_list: import_target
  [[nodiscard]] virtual caf::error
  finish_import(const import_counts& counts) = 0;

  /// The lists that were read, in order. Empty if an earlier format of the
  /// ledger did not keep them.
  [[nodiscard]] virtual caf::expected<std::vector<list_identity>> lists() = 0;
  /// Replaces them with `lists`, which have the same URLs.
  [[nodiscard]] virtual caf::error
  renew_lists(const std::vector<list_identity>& lists) = 0;
};

} // namespace sluice
