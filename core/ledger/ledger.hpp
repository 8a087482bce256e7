// What is durable about a job: the imported URLs in batches, what became of
// each submit, where each run's listing and each sink stand, and so the
// account of every URL. One SQLite file (WAL, synchronous=FULL); each
// function that changes something is one transaction, durable on return.
//
// One process runs a job (a lock says so); others may look at its ledger and
// decide about its held batches at the same time.
//
// Not thread-safe: one owner (the ledger_keeper actor, or a command).

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/job_identity.hpp"
#include "core/ledger/submit_limits.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"
#include "core/model/listing.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_ticket.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

class ledger_lock;

class ledger : public import_target {
public:
  /// Opens `file` to run its job, creating it when absent, and locks it for
  /// this process (a lock file beside it; released by the kernel when the
  /// process dies). A ledger of an earlier format is brought to the current
  /// one, after a copy (core/ledger/ledger_migrations.hpp). `notes` is the
  /// folder in which is noted how far each job's ledger has come
  /// (core/ledger/ledger_note.hpp); empty: it is not. Errors: ec::ledger_locked
  /// (another process has it, or by `notes` another copy of it),
  /// ec::ledger_unusable (damaged, a newer format, an old copy), ec::disk.
  /// Later changes fail with ec::disk when the ledger's files are not those
  /// that were opened.
  [[nodiscard]] static caf::expected<std::unique_ptr<ledger>>
  open(const std::filesystem::path& file,
       const std::filesystem::path& notes = {});

  /// The same when this process has locked `file` already.
  [[nodiscard]] static caf::expected<std::unique_ptr<ledger>>
  open(const std::filesystem::path& file, const std::filesystem::path& notes,
       ledger_lock lock);

  /// Opens `file` beside the process that may be running its job: for
  /// reports, and for decisions about held batches. Of an earlier format, or
  /// an old copy by `notes`, there are reports; what would change it fails
  /// (ec::ledger_unusable). Errors: ec::usage when there is no such file or it
  /// is empty; ec::ledger_unusable, ec::disk.
  [[nodiscard]] static caf::expected<std::unique_ptr<ledger>>
  attach(const std::filesystem::path& file,
         const std::filesystem::path& notes = {});

  ~ledger() override;

  /// Ties a new ledger to a job; for an old one, refuses (ec::usage) what
  /// differs, naming old and new value. A value that was empty may be given
  /// once, and is kept; paths may have moved with the ledger's folder.
  [[nodiscard]] caf::error bind(const job_identity& identity);
  /// What `bind` would refuse; nothing is changed.
  [[nodiscard]] caf::error check_bound(const job_identity& identity);

  /// Ties it to `identity` whatever it was tied to, and makes `sinks` all the
  /// sinks it has. REQUIRES: the job does not run.
  [[nodiscard]] caf::error
  rebind(const job_identity& identity, const std::vector<moved_sink>& sinks);

  /// Marks the job as left for the one of this id: its files are that one's
  /// now. An empty id takes the mark away, as `rebind` does.
  [[nodiscard]] caf::error leave_for(const std::string& job_id);
  /// The id of the job it was left for; empty when it was not.
  [[nodiscard]] caf::expected<std::string> left_for();

  /// What `bind` has tied it to; empty before.
  [[nodiscard]] caf::expected<job_identity> identity();

  /// Copies it to `file`, which must not be there, as it is now; its job may
  /// go on meanwhile. The copy is durable and its owner's alone. Errors:
  /// ec::disk (then nothing of the copy is left), and the ledger's.
  [[nodiscard]] caf::error copy_to(const std::filesystem::path& file);

  /// Removes a ledger into which no lists were imported, its files and its
  /// note. Nothing of this may be used any more but the destructor. REQUIRES:
  /// it came from `open`. Errors: ec::disk when other files have its names
  /// now, which stay.
  [[nodiscard]] caf::error discard();

  /// Why nothing of it may be changed; no error when it may.
  [[nodiscard]] const caf::error& only_read() const;
  /// That is why, and `open` brings it to the current format.
  [[nodiscard]] bool is_of_earlier_format() const;

  /// Puts everything into the one file and closes it, so that it can be
  /// renamed: its -wal is empty or gone. Nothing of this may be used any more
  /// but the destructor. The lock stays with the caller. REQUIRES: it came
  /// from `open`. Errors: ec::ledger_locked when somebody keeps on reading
  /// it, and the ledger's; then it is open as before.
  [[nodiscard]] caf::expected<ledger_lock> close();

  /// A random id of the job, made with the ledger.
  [[nodiscard]] caf::expected<std::string> job_id();

  /// How many transactions have changed it; 0 when its format counts none.
  [[nodiscard]] caf::expected<uint64_t> changes();

  // -- import ---------------------------------------------------------------

  /// True once `finish_import` was committed.
  [[nodiscard]] caf::expected<bool> is_imported();
  /// Forgets an unfinished import; the job begins now. Batches added become
  /// visible to `next_planned` only with `finish_import`.
  [[nodiscard]] caf::error begin_import();
  caf::error add_batch(std::string_view robot,
                       const std::vector<std::string_view>& urls) override;
  caf::error add_invalid(const invalid_record& record) override;
  caf::error add_list(const list_identity& list) override;
  [[nodiscard]] caf::error finish_import(const import_counts& counts);
  /// The lists that were read, in order; none when an earlier format of the
  /// ledger did not keep them.
  [[nodiscard]] caf::expected<std::vector<list_identity>> lists();
  /// Puts others in their place, which have the same URLs.
  [[nodiscard]] caf::error renew_lists(const std::vector<list_identity>& lists);
  /// When the job began, by the wall clock; 0 when that is not known.
  [[nodiscard]] caf::expected<int64_t> begun_at_ms();
  /// All zero until an import is finished, as is `report`.
  [[nodiscard]] caf::expected<import_counts> imported();

  // -- changes that come together -------------------------------------------

  /// Between these two, changes become durable together, by `end_group`: one
  /// write to the disk for all. What is refused (a batch in another state, a
  /// run that another batch has) is refused alone. Nothing may be made known
  /// of the changes before; after a failure of `end_group` none has any effect.
  [[nodiscard]] caf::error begin_group();
  [[nodiscard]] caf::error end_group();

  // -- submitting -----------------------------------------------------------

  /// Hands out those that `hold_interrupted` left to repeat, then a planned
  /// batch that is not handed out yet, the most often halved first, then in
  /// input order; nullopt when there is none. A batch stays handed out until
  /// it leaves `planned` or comes back to it. Within the limits: where they
  /// leave room for a part of a batch, two planned batches take its place.
  [[nodiscard]] caf::expected<std::optional<url_batch>> next_planned();
  /// How many of these are not handed out. URLs of a decision to submit again
  /// that wait for a batch count as one.
  [[nodiscard]] caf::expected<uint64_t> planned_left();
  /// Limits what `next_planned` hands out from now on. URLs count when they
  /// are handed out, those of submits to repeat never. Not counted again: what
  /// comes back to `planned`, halves, and URLs to retry that this process has
  /// submitted before.
  void limit_submits(submit_limits limits);
  /// Which limit kept the last `next_planned` from handing out a batch though
  /// URLs are pending, as part of a sentence; empty: none did.
  [[nodiscard]] const std::string& limited_by() const noexcept;
  /// What the job's batches cost, or may; handed-out ones are not submitted.
  [[nodiscard]] caf::expected<spending> spent();
  /// planned → in flight, claimed by a worker, before the POST leaves, which
  /// counts as sent. Where the API honours idempotency keys, the POST's ticket
  /// is kept; it replaces the one of an earlier submit that created nothing.
  [[nodiscard]] caf::error
  begin_submit(batch_key batch, const lease& claim,
               const std::optional<submit_ticket>& ticket = {});
  /// in flight: its submit is about to be repeated with the ticket it has,
  /// which counts as sent. Errors: ec::internal when it has none.
  [[nodiscard]] caf::error repeat_submit(batch_key batch, const lease& claim);
  /// in flight → running. Errors: ec::bad_reply, and nothing is changed, when
  /// the run is another batch's: its captures would be delivered twice.
  [[nodiscard]] caf::error
  accept(batch_key batch, const std::string& run_id, int64_t now_ms);
  /// in flight → planned: definitely refused, nothing was created.
  [[nodiscard]] caf::error replan(batch_key batch);
  /// in flight or running → held, for the user to decide. A run that was read
  /// in part before is set aside instead: its batch must neither be submitted
  /// again as a whole nor become another run.
  [[nodiscard]] caf::error hold(batch_key batch, const std::string& reason);
  /// running → set_aside: its status stays unreadable.
  [[nodiscard]] caf::error
  set_aside(batch_key batch, const std::string& reason);
  /// in flight → split: two planned halves take its place.
  /// REQUIRES: at least two URLs.
  [[nodiscard]] caf::error split(batch_key batch);
  /// in flight → planned, and every rejected batch with it: no URL was ever
  /// accepted, so it is the request that is wrong, not the URLs.
  [[nodiscard]] caf::error replan_all(batch_key batch);
  /// in flight → rejected.
  [[nodiscard]] caf::error reject(batch_key batch, const std::string& reason);
  /// Batches found in flight at a start are held: nobody knows their fate,
  /// and the lock on the ledger has ended their leases. With `repeatable`
  /// (the API honours idempotency keys) those with a ticket stay in flight,
  /// for `next_planned` to hand out. Returns how many are held.
  [[nodiscard]] caf::expected<uint64_t>
  hold_interrupted(bool repeatable = false);
  /// How many batches that left to repeat and are not handed out.
  [[nodiscard]] size_t left_to_repeat() const noexcept;
  /// True when any batch was ever accepted.
  [[nodiscard]] caf::expected<bool> has_runs();

  /// Sets the rule by which URLs of runs that end from now on are submitted
  /// again, and applies a changed number of times to those that have ended.
  /// `next_planned` pools them once a run's worth is there, or nothing else
  /// can bring more.
  [[nodiscard]] caf::error retry_missing_by(retry_rule rule);

  /// The user's decision to submit URLs of these kinds again: in one
  /// transaction they become those of a new round, pending until it has
  /// submitted them. Those of a retry that is not finished are not among them.
  /// If there are none, all counts are zero and no round begins.
  [[nodiscard]] caf::expected<begun_round>
  begin_round(const retry_kinds& kinds, int64_t now_ms);

  // -- decisions about held batches, also beside a running job --------------

  /// A held batch with its URLs. Errors: ec::usage when it is not held.
  [[nodiscard]] caf::expected<url_batch> held_batch(batch_key batch);
  /// At most `limit` held batches of which no run is known.
  [[nodiscard]] caf::expected<std::vector<held_submit>>
  held_submits(size_t limit);
  /// held → running as `run_id`. Errors: ec::usage when the batch is not held
  /// or the run is another batch's.
  [[nodiscard]] caf::error
  adopt(batch_key batch, const std::string& run_id, int64_t now_ms);
  /// held → split: a planned batch with the same URLs takes its place, which
  /// may pay for them again. Errors: ec::usage when it is not held.
  [[nodiscard]] caf::error resubmit(batch_key batch);
  /// held or set_aside → done, lost: its URLs without a capture count as
  /// failed. Errors: ec::usage for a batch in another state.
  [[nodiscard]] caf::error abandon(batch_key batch);
  /// set_aside → running: the API is asked about the run again, and what is
  /// not delivered yet of its captures is read. Its age counts from now.
  /// Errors: ec::usage when the batch is not set aside.
  [[nodiscard]] caf::error read_again(batch_key batch, int64_t now_ms);
  /// `adopt` by evidence: false, and nothing is changed, when the batch is
  /// not held any more, the run is another batch's, or a submit is in flight,
  /// whose run this may be.
  [[nodiscard]] caf::expected<bool>
  adopt_found(batch_key batch, const std::string& run_id, int64_t now_ms);
  /// True when a batch has, or had, this run.
  [[nodiscard]] caf::expected<bool> knows_run(const std::string& run_id);

  /// True when another process has changed the ledger since the last call.
  [[nodiscard]] caf::expected<bool> changed_beside();
  /// Runs adopted, or to be read again, since `open_runs` or the last call,
  /// for the running job to go on with.
  [[nodiscard]] caf::expected<std::vector<open_run>> take_adopted();

  // -- runs -----------------------------------------------------------------

  /// running → ended: terminal at the API, captures not read yet. `saved` are
  /// the status reply's values for later templates.
  [[nodiscard]] caf::error
  end_run(batch_key batch, const run_end& end,
          const std::map<std::string, std::string>& saved);
  /// Those that a start has to go on with.
  [[nodiscard]] caf::expected<std::vector<open_run>> open_runs();
  [[nodiscard]] caf::expected<paging_start> start_paging(batch_key batch);

  // -- delivering -----------------------------------------------------------

  /// Without sinks and runs: what was spent, alone.
  [[nodiscard]] caf::error commit(const checkpoint& cut);
  /// The committed position of a sink; nullopt before its first checkpoint.
  [[nodiscard]] caf::expected<std::optional<sink_position>>
  position_of(const std::string& sink);
  /// The last committed delivery number.
  [[nodiscard]] caf::expected<uint64_t> last_delivery();

  // -- reports --------------------------------------------------------------

  [[nodiscard]] caf::expected<account> report();
  /// With at most `named` names for each state.
  [[nodiscard]] caf::expected<bought_work> work_in_hand(size_t named);
  /// The runs of which captures were delivered; `captures` are those.
  [[nodiscard]] caf::expected<bought_batches> delivered_runs(size_t named);
  /// At most `limit` of them, by key.
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  held_batches(size_t limit);
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  set_aside_runs(size_t limit);
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  rejected_batches(size_t limit);
  /// Those whose URLs without a capture count as failed.
  [[nodiscard]] caf::expected<std::vector<stuck_batch>>
  failed_batches(size_t limit);
  /// At most `limit`, in input order.
  [[nodiscard]] caf::expected<std::vector<invalid_record>>
  invalid_records(size_t limit);
  /// Calls `visit` with each URL in a state, in input order of their batches,
  /// until it returns false; an invalid record with its text.
  [[nodiscard]] caf::error
  each_url(url_state state,
           const std::function<bool(const listed_url&)>& visit);
  /// The first few URLs of a batch, in input order; none of one whose place
  /// others took.
  [[nodiscard]] caf::expected<std::vector<std::string>>
  first_urls(batch_key batch, size_t most);
  /// At most `limit` places of a URL, in the order in which they came about.
  /// Equal are URLs with the same bytes, as for the import. Reads all URLs of
  /// the job, as far as it must.
  [[nodiscard]] caf::expected<std::vector<url_place>>
  find_url(std::string_view url, size_t limit);
  /// Another URL of the job with the same normal form, if there is one.
  [[nodiscard]] caf::expected<std::optional<std::string>>
  find_spelling(std::string_view url);
  /// The first invalid record with this text.
  [[nodiscard]] caf::expected<std::optional<invalid_record>>
  find_invalid(std::string_view text);

private:
  struct impl;
  explicit ledger(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
