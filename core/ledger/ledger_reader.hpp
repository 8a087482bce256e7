// The part of a ledger that reports read. Changes nothing; works on a ledger
// of an earlier format, too.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/credit_budget.hpp"
#include "core/ledger/job_binding.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/import_target.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class ledger_reader {
public:
  virtual ~ledger_reader() = default;

  // -- the job --------------------------------------------------------------

  /// A random id of the job, made with the ledger.
  [[nodiscard]] virtual caf::expected<std::string> job_id() = 0;
  /// What the job is bound to; empty before it is.
  [[nodiscard]] virtual caf::expected<job_binding> identity() = 0;
  /// When the job began, by the wall clock; 0 if that is not known.
  [[nodiscard]] virtual caf::expected<int64_t> begun_at_ms() = 0;
  /// True once `finish_import` was committed.
  [[nodiscard]] virtual caf::expected<bool> is_imported() = 0;
  /// All zero until an import is finished, as is `report`.
  [[nodiscard]] virtual caf::expected<import_counts> imported() = 0;

  // -- the account ----------------------------------------------------------

  [[nodiscard]] virtual caf::expected<account> report() = 0;
  /// What the job's batches cost, or may cost. Batches that are handed out do
  /// not count until they are submitted.
  [[nodiscard]] virtual caf::expected<spending> spent() = 0;
  /// The bought work that is not delivered yet. Names at most `named` runs or
  /// batches of each state.
  [[nodiscard]] virtual caf::expected<bought_work>
  work_in_hand(size_t named) = 0;
  /// The runs that delivered captures; `captures` counts the delivered ones.
  [[nodiscard]] virtual caf::expected<bought_batches>
  delivered_runs(size_t named) = 0;

  // -- lists: at most `limit`, by key ---------------------------------------

  [[nodiscard]] virtual caf::expected<std::vector<stuck_batch>>
  held_batches(size_t limit) = 0;
  [[nodiscard]] virtual caf::expected<std::vector<stuck_batch>>
  set_aside_runs(size_t limit) = 0;
  [[nodiscard]] virtual caf::expected<std::vector<stuck_batch>>
  rejected_batches(size_t limit) = 0;
  /// Batches whose URLs without a capture count as failed.
  [[nodiscard]] virtual caf::expected<std::vector<stuck_batch>>
  failed_batches(size_t limit) = 0;
  /// In input order.
  [[nodiscard]] virtual caf::expected<std::vector<invalid_record>>
  invalid_records(size_t limit) = 0;

  // -- URLs -----------------------------------------------------------------

  /// Calls `visit` with each URL in a state, or the text of each invalid
  /// record, in input order of their batches, until it returns false.
  [[nodiscard]] virtual caf::error
  each_url(url_state state,
           const std::function<bool(const listed_url&)>& visit) = 0;
  /// The first few URLs of a batch, in input order. Empty if the batch is
  /// split.
  [[nodiscard]] virtual caf::expected<std::vector<std::string>>
  first_urls(batch_key batch, size_t most) = 0;
  /// At most `limit` places of a URL, oldest first. URLs are equal if
  /// their bytes are, as in the import. Reads the job's URLs from the first one
  /// on until it has that many.
  [[nodiscard]] virtual caf::expected<std::vector<url_place>>
  find_url(std::string_view url, size_t limit) = 0;
  /// Another URL of the job with the same normal form, if there is one.
  [[nodiscard]] virtual caf::expected<std::optional<std::string>>
  find_spelling(std::string_view url) = 0;
  /// The first invalid record with this text.
  [[nodiscard]] virtual caf::expected<std::optional<invalid_record>>
  find_invalid(std::string_view text) = 0;
};

} // namespace sluice
