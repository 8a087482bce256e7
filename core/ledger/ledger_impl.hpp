// What the source files of sqlite_ledger share. No other file includes it.

#pragma once

#include "core/db/sqlite.hpp"
#include "core/ledger/bad_url_search.hpp"
#include "core/ledger/batch_sql.hpp"
#include "core/ledger/ledger_files.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "core/ledger/ledger_note.hpp"
#include "core/ledger/retry_pools.hpp"
#include "core/ledger/sqlite_ledger.hpp"
#include "core/ledger/url_block.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/bottleneck.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/list_identity.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "core/model/uncaptured.hpp"
#include "core/model/url_table.hpp"

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sluice {

/// A batch without its URLs.
struct batch_head {
  batch_key key = 0;
  std::string robot;
  uint32_t depth = 0;
  size_t count = 0; ///< of URLs
  uint32_t retries = 0;
  uint64_t round = 0;
};

/// Whether the bit of the URL at `place` is set.
bool is_covered(std::string_view bits, size_t place);

/// The URLs without, and with, their bit in `bits` set, in order.
std::vector<std::string>
uncovered(const url_table& urls, std::string_view bits);
std::vector<std::string> covered(const url_table& urls, std::string_view bits);

/// ec::ledger_unusable for content that sluice never writes.
caf::error damaged(const sqlite::database& db, const std::string& what);

/// What a batch's columns `state` and `outcome` say. A batch has an outcome
/// once its run is terminal.
struct batch_standing {
  batch_state state = batch_state::planned;
  std::optional<run_outcome> outcome;
};

/// Errors: ec::ledger_unusable for a word that names no state, or no outcome.
caf::expected<batch_standing> read_standing(const sqlite::database& db,
                                            std::string_view state,
                                            std::string_view outcome);
caf::expected<batch_state>
read_state(const sqlite::database& db, std::string_view state);

/// Why URLs of a batch are in `state`: `why` the batch is in the state `batch`,
/// or how its run came to an `end`. Printable.
std::string reason_of(url_state state, batch_state batch,
                      const std::string& why, const std::string& end);

/// The first format that counts its changes.
inline constexpr int64_t first_counting_format = 4;

struct sqlite_ledger::impl {
  impl(std::optional<ledger_lock> held,
       std::unique_ptr<sqlite::database> opened)
      : lock{std::move(held)}, db{std::move(opened)} {}
  ~impl();

  /// Keeps the ledger's -wal away from another ledger that has its name now.
  void set_wal_aside() const;
  /// The job's note. Errors: ec::ledger_unusable if the job's id is
  /// invalid.
  caf::expected<ledger_note> note_in(const std::filesystem::path& notes);
  [[nodiscard]] caf::error other_copy(const ledger_note& claimed) const;
  /// Claims the job for this process in `notes`, even against processes with
  /// a copy of its ledger. ec::ledger_locked if another process runs the job.
  caf::error claim_job(const std::filesystem::path& notes);
  /// Writes the ledger's count of changes into the note, if there is one.
  caf::error note_count();
  /// For a ledger that was opened without its lock: fails if another copy of it
  /// is in use, or if the job has continued with another copy. REQUIRES:
  /// `changes` includes the transaction under way.
  caf::error check_beside(const std::filesystem::path& notes);
  /// ec::ledger_locked if a process runs the job with another copy of this
  /// ledger.
  caf::error check_claim(const std::filesystem::path& notes);
  /// ec::ledger_unusable for an old copy: `notes` has a later count.
  caf::error check_newest(int64_t format, const std::filesystem::path& notes);
  /// From now on, every transaction that changes something is counted and, with
  /// `notes`, noted. A change fails if the ledger's files are not those that
  /// were opened.
  caf::error guard(const std::filesystem::path& notes);

  /// Within a transaction.
  caf::error store_identity(const job_binding& identity);

  /// Runs `body` as one transaction of its own.
  caf::error write(const std::function<caf::error()>& body);

  /// Carries out `by` on one batch and sets other columns to `values`:
  /// `columns` is ", reason = ?2, …". Within a transaction. Errors:
  /// ec::internal if the batch's state does not allow `by`.
  template <class... Ts>
  caf::error move(batch_change by, batch_key batch,
                  std::string_view columns = {}, const Ts&... values) {
    auto moved = try_move(by, batch, columns, values...);
    if (!moved)
      return moved.error();
    return *moved ? caf::error{} : wrong_state(batch, origins_of(by));
  }

  /// `move` as a transaction of its own.
  template <class... Ts>
  caf::error move_alone(batch_change by, batch_key batch,
                        std::string_view columns = {}, const Ts&... values) {
    return write([&] { return move(by, batch, columns, values...); });
  }

  /// `move` on the user's behalf. Errors: ec::usage for a wrong state.
  template <class... Ts>
  caf::error decide(batch_change by, batch_key batch,
                    std::string_view columns = {}, const Ts&... values) {
    auto moved = try_move(by, batch, columns, values...);
    if (!moved)
      return moved.error();
    return *moved ? caf::error{} : not_open_to(by, batch);
  }

  /// False, and nothing changes, if the batch's state does not allow `by`.
  template <class... Ts>
  caf::expected<bool> try_move(batch_change by, batch_key batch,
                               std::string_view columns, const Ts&... values) {
    auto sql = update_one(by, columns);
    if (auto err = db->use(sql, batch, values...).run())
      return err;
    return db->changes() == 1;
  }

  /// Changes other columns of one batch by `sql`, an UPDATE of the batch ?1
  /// with a condition that `expected` describes; within a transaction.
  template <class... Ts>
  caf::error change_batch(const std::string& expected, std::string_view sql,
                          batch_key batch, const Ts&... values) {
    if (auto err = db->use(sql, batch, values...).run())
      return err;
    return db->changes() == 1 ? caf::error{} : wrong_state(batch, expected);
  }

  /// ec::internal, naming the batch, its state and the expected one.
  caf::error wrong_state(batch_key batch, const std::string& expected);
  /// ec::usage for a decision that the batch's state does not allow.
  caf::error not_open_to(batch_change by, batch_key batch);

  /// ec::internal for what callers must not do.
  [[nodiscard]] caf::error misused(const std::string& what) const;
  [[nodiscard]] caf::error damaged(const std::string& what) const {
    return sluice::damaged(*db, what);
  }

  /// Where a batch that was not imported comes from.
  struct origin {
    uint32_t depth = 0;
    uint32_t retries = 0;
    uint64_t round = 0;
    std::optional<batch_key> parent;
  };

  /// Adds a planned batch and its block; within a transaction.
  caf::error insert_batch(std::string_view robot,
                          const std::vector<std::string_view>& urls,
                          const origin& from);
  caf::error insert_list(const list_identity& list);
  /// Reads a batch's row without its URLs; ec::internal if it has no row.
  caf::expected<batch_head> head_of(batch_key batch);
  /// The next batch to repeat, with its URLs and its ticket.
  caf::expected<url_batch> take_repeat();

  // How a submit ended, ledger_submit.cpp. Within a transaction:

  caf::error carry_out(batch_key batch, submit_result result,
                       const std::string& text, int64_t now_ms);
  caf::error accept(batch_key batch, const std::string& run_id, int64_t now_ms);
  caf::error replan_all(batch_key batch);
  /// Carries out `by`, which says nothing about a rest that waits for the
  /// batch.
  caf::error
  give_up_test(batch_change by, batch_key batch, const std::string& reason);
  /// Replaces a batch with two planned halves.
  caf::error halve(batch_key batch);
  /// Carries out `by`: replaces a batch with two planned ones, the first with
  /// `count` of its URLs. Returns their keys.
  caf::expected<std::pair<batch_key, batch_key>>
  divide(batch_change by, const batch_head& whole, size_t count);
  /// Adds two planned batches for one that is split: the first has its URLs at
  /// places [begin, end), the second the others. Returns their keys.
  caf::expected<std::pair<batch_key, batch_key>>
  replace(const batch_head& whole, const url_table& urls, size_t begin,
          size_t end);
  /// Whether any batch was ever accepted.
  caf::expected<bool> any_run();

  // The search for bad URLs, ledger_search.cpp. In a transaction, except for
  // `share_left_over`:

  /// Tests a part of a batch that the API refused with `message` for a bad URL.
  caf::error narrow(batch_key batch, const std::string& message);
  /// Divides the batches that are known to have a bad URL, such as the rest
  /// after a test was accepted.
  caf::error divide_bad();
  /// Carries out `by`. For the other arguments, see
  /// `bad_url_search::part_to_test`.
  caf::error test_part(batch_change by, const batch_head& whole,
                       std::string_view message, bool is_first);
  caf::expected<std::optional<bad_url_search::kinship>>
  kinship_of(const batch_head& batch);
  /// Plans the leftover URLs as `bad_url_search::to_share` says; false if there
  /// are none.
  caf::expected<bool> share_left_over(bool all);
  caf::error pool_parts(const std::vector<bad_url_search::part>& parts);

  // Handing out, ledger_handing_out.cpp:

  /// The next planned batch that may be submitted, cut if only a part may.
  caf::expected<std::optional<batch_head>> next_head();
  caf::expected<std::optional<batch_head>> any_planned();
  caf::expected<std::optional<batch_head>> first_free();
  /// Of `submitted_before`.
  caf::expected<std::optional<batch_head>> first_of_before();
  caf::expected<std::optional<batch_head>> within_limits(batch_head head);
  caf::expected<batch_head> cut(const batch_head& whole, size_t count);
  void hand_out(const batch_head& head);
  /// Sets `limited_by` if URLs are pending.
  caf::error note_what_is_left();
  [[nodiscard]] bool is_free(batch_key planned) const;
  [[nodiscard]] std::vector<batch_key> free_of_before() const;
  caf::expected<spending> sum_spent();
  /// The time since the last checkpoint; within a transaction.
  caf::error add_spent(const time_spent& spent);
  /// One run's part of a checkpoint; within a transaction.
  caf::error record(const run_progress& progress);
  caf::error finish(batch_key batch, const run_result& end);
  /// Plans a retry of the URLs that its run missed, by the rule.
  caf::error plan_to_retry(batch_key batch);
  /// An error of `code` if another batch has the run. A batch that is split
  /// does not count: other batches have its URLs.
  caf::error taken_run(batch_key batch, const std::string& run_id, ec code);
  /// Deletes what reading a run left behind; within a transaction.
  caf::error forget_reading(batch_key batch);

  caf::error each_invalid(const std::function<bool(const listed_url&)>& visit);

  /// Plans one batch of URLs to retry; false if no batch is ready yet. If
  /// URLs are counted, those that this process submitted before get separate
  /// batches.
  caf::expected<bool> plan_retry();
  /// The URLs that wait to be submitted again. Read from the ledger once; after
  /// that, each change updates them or has them read again.
  caf::expected<retry_pools*> waiting_urls();
  caf::expected<std::optional<retry_pool>> ready_pool();
  caf::error plan_pool(const retry_pool& pool);
  /// The worker whose URLs are `own`; NULL if URLs are not counted.
  [[nodiscard]] std::optional<std::string> counted_worker() const;
  caf::expected<std::vector<capture_identity>> identities_of(batch_key batch);
  caf::expected<url_table> urls_of(batch_key batch, size_t count);
  /// The rounds of the report; empty for an earlier format.
  caf::expected<std::vector<round_report>> rounds();
  /// Adds the places of a URL that a batch has, unless it was split since.
  caf::error add_places(batch_key batch, std::string_view url,
                        std::vector<url_place>& places);
  /// Adds batches that were held and then resubmitted, from `batch` up.
  caf::error add_given_up(batch_key batch, std::vector<url_place>& places);

  /// Import: opens a transaction for additions, or commits the one that has
  /// grown to its limit; `end_chunk` commits it in any case.
  caf::error grow_chunk(size_t bytes);
  caf::error end_chunk();
  /// Returns what became of an addition. After a failure nothing more can be
  /// added until the import begins again.
  caf::error added(caf::error err);

  std::optional<ledger_lock> lock; // first in, last out
  std::unique_ptr<sqlite::database> db;
  std::optional<ledger_files> files;
  std::optional<ledger_note> note;
  uint64_t changes = 0;   ///< as of the last transaction
  bool is_placed = false; ///< the note says where the ledger is
  url_packer packer;
  url_unpacker unpacker;
  std::unordered_map<batch_key, size_t> handed_out; ///< and their URLs
  submit_limits limits;
  std::string limited_by;
  /// Planned batches whose URLs this process has submitted before: limits do
  /// not count them again.
  std::unordered_set<batch_key> submitted_before;
  bad_url_search search;
  std::string worker;              ///< of this process, once it has submitted
  std::deque<batch_key> to_repeat; ///< in flight since an earlier start
  retry_rule retries;
  std::optional<retry_pools> pools;  ///< as `waiting_urls`
  int64_t data_version = 0;          ///< at the last check for others' changes
  caf::error only_read;              ///< why nothing may be changed
  bool is_of_earlier_format = false; ///< only when attached
  bool has_rounds = true;            ///< its format has them
  bool counts_changes = true;        ///< its format counts them
  bool importing = false;
  bool chunk_open = false;
  size_t chunk_bytes = 0;
};

} // namespace sluice
