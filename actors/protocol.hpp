// START HERE. Every message and every actor interface, in the order in which
// data flows. This file is the protocol.
//
//   url_reader ─▶ run_submitter ─▶ run_poller ─▶ capture_pager ─▶ sinks
//                      └────────────────┴─────────────┴─▶ rate_limiter
//                                                     ├─▶ api_pool
//                                                     └─▶ download_readers
//   and all of them ─▶ ledger_keeper for what must be durable.
//
// Data moves down this list; permits, demand and acks move back up. Every
// request is answered, with a value or an error, even by an actor that ends. So
// requests need no time limit, and no parked promise uses up a permit that is
// no longer wanted.
//
// Messages stay in this process, so their types are not serialisable; pages and
// bodies are passed as shared pointers to constants.

#pragma once

#include "core/api/api_calls.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"
#include "core/model/listing.hpp"
#include "core/model/quota.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_result.hpp"
#include "core/model/submit_ticket.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

// -- atoms: verbs that carry no data ------------------------------

namespace atoms {

using caf::close_atom;
using caf::idle_atom;
using caf::ok_atom;
using caf::put_atom;
using permit_atom = caf::atom_constant<caf::atom("permit")>;
using release_atom = caf::atom_constant<caf::atom("release")>;
using next_atom = caf::atom_constant<caf::atom("next")>;
using start_atom = caf::atom_constant<caf::atom("start")>;
using probe_atom = caf::atom_constant<caf::atom("probe")>;
using checkpoint_atom = caf::atom_constant<caf::atom("checkpoint")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;
using finished_atom = caf::atom_constant<caf::atom("finished")>;
using failed_atom = caf::atom_constant<caf::atom("failed")>;
using wake_atom = caf::atom_constant<caf::atom("wake")>;
using decisions_atom = caf::atom_constant<caf::atom("decisions")>;
using find_atom = caf::atom_constant<caf::atom("find")>;
using held_atom = caf::atom_constant<caf::atom("held")>;
using account_atom = caf::atom_constant<caf::atom("account")>;

} // namespace atoms

// -- permits ------------------------------------------------------------------

/// What a request is for, in the order in which scarce tokens are spent. A
/// spare poll gets a token only while the bucket is nearly full.
enum class request_kind : uint8_t { submit, page, poll, spare_poll };
inline constexpr size_t request_kinds = 4;

/// The right to send one request now, on an idle worker. It is used once, by
/// the request to the pool that carries it, or released.
struct permit {
  request_kind kind = request_kind::poll;
  time_point granted_at{};
};

/// What the pool tells the limiter about each completed request.
struct request_report {
  permit used;
  bool refused = false;              ///< a 429
  bool answered = false;             ///< any reply at all
  duration delay{0};                 ///< from the grant to the reply's headers
  duration hint{0};                  ///< the server's minimum wait
  std::optional<quota_left> quota{}; ///< what the server says is left
};

// -- what flows ---------------------------------------------------------------

/// url_reader → run_submitter; empty if no batch is left for now.
struct batch_offer {
  std::optional<url_batch> batch;
  uint64_t left = 0; ///< planned batches not handed out yet
  /// The limit that holds back the URLs still pending, as part of a sentence.
  /// Empty if there is a batch, or if no limit applies.
  std::string limit{};
};

/// For the ledger: a submit whose POST is about to be sent.
struct submit_intent {
  batch_key batch = 0;
  std::optional<submit_ticket> ticket{}; ///< if the API honours one
  bool again = false; ///< a repeat: the batch is in flight and has its ticket
};

/// How a submit ended, for the ledger. Each ends the state `in flight`.
struct submit_outcome {
  batch_key batch = 0;
  submit_result what = submit_result::held;
  std::string text; ///< accepted: the run id; held, rejected: the reason
};

/// run_submitter → run_poller, and at the start the pipeline → run_poller: a
/// run that is not terminal.
struct active_run {
  batch_key batch = 0;
  run_ref run;
  uint32_t url_count = 0;
  int64_t submitted_at_ms = 0; ///< wall clock
  /// By an earlier or another process: the wall clock may have been set since.
  bool submitted_elsewhere = false;
};

/// run_poller → capture_pager: a run that is durably recorded as terminal.
struct terminal_run {
  batch_key batch = 0;
  run_ref run;
  run_result end;
  uint32_t url_count = 0;
};

/// A run leaves the poller, for run_submitter's count of slots.
struct slot_freed {
  batch_key batch = 0;
  bool to_pager = true; ///< false: held or set aside, so not read
};

/// A run's captures are committed, for run_submitter's count of slots.
struct run_committed {
  batch_key batch = 0;
};

/// For the ledger: a run that became terminal.
struct record_end {
  batch_key batch = 0;
  run_result end;
  std::map<std::string, std::string> saved;
};

/// For the ledger: a run that was given up and may still be billed.
struct run_given_up {
  batch_key batch = 0;
  std::string reason;
};

/// For the ledger: a run whose status stays unreadable.
struct run_set_aside {
  batch_key batch = 0;
  std::string reason;
};

/// Decisions about batches that are held or set aside, made by the user in
/// another process or from evidence.
struct batch_decisions {
  bool changed = false;            ///< batches may be planned again
  std::vector<active_run> adopted; ///< runs to continue with
  uint64_t held = 0;               ///< batches that are still held
};

/// For the ledger: the evidence assigns this run to a held batch.
struct run_found {
  batch_key batch = 0;
  std::string run_id;
};

/// run_poller, capture_pager → run_submitter: whether the replies to this kind
/// of request can be read at all.
struct replies_readable {
  request_kind kind = request_kind::page;
  bool yes = true;
};

/// For the ledger's folder: a reply whose captures cannot be read.
struct unreadable_reply {
  batch_key batch = 0;
  std::shared_ptr<const std::string> body;
};

/// The file in which that reply is kept.
struct kept_reply {
  std::string file;
};

/// For the ledger: runs that were set aside, to be read again.
struct runs_to_read {
  std::vector<batch_key> batches;
};

using held_submits = std::vector<held_submit>;

using page_ptr = std::shared_ptr<const capture_page>;
using checkpoint_ptr = std::shared_ptr<const checkpoint>;

/// A sink's answer to a checkpoint.
struct sink_report {
  std::string sink; ///< its name
  sink_position position;
  uint64_t dead_letters = 0;
};

} // namespace sluice

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::request_kind)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::permit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::request_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::batch_offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::submit_intent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::submit_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::active_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::terminal_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::slot_freed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::record_end)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_given_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_set_aside)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::batch_decisions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::replies_readable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::unreadable_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::kept_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::runs_to_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::held_submits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<sluice::listed_run>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_list_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_list_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::page_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::checkpoint_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::sink_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::submit_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::submit_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::status_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::page_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::page_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::link_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::link_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::signed_url)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::read_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::paging_start)

namespace sluice {

// -- interfaces, in data order ------------------------------------------------

using url_reader_actor = caf::typed_actor<
  // The next batch to submit, as the ledger plans it.
  caf::replies_to<atoms::next_atom>::with<batch_offer>>;

using run_submitter_actor = caf::typed_actor<
  // A run left the poller: a slot is free, the run is unread or held.
  caf::reacts_to<slot_freed>,
  // A run's captures are committed: it no longer counts as unread.
  caf::reacts_to<run_committed>,
  // Submitting pauses while statuses or captures cannot be read.
  caf::reacts_to<replies_readable>,
  // There is more to submit, or more runs to count.
  caf::reacts_to<batch_decisions>,
  // It is time to look for the runs of held batches.
  caf::reacts_to<atoms::find_atom>,
  // Submit nothing more; answered when no POST is outstanding.
  caf::replies_to<atoms::drain_atom>::with<atoms::ok_atom>,
  // Its own timers and continuations.
  caf::reacts_to<atoms::wake_atom>,
  // The pause before a batch's submit is repeated is over.
  caf::reacts_to<atoms::wake_atom, batch_key>>;

/// The actors that run_poller sends to but that are spawned after it.
struct run_poller_links;

using run_poller_actor = caf::typed_actor<
  // Sent once, before any run.
  caf::reacts_to<run_poller_links>,
  // A run to poll until it is terminal.
  caf::reacts_to<active_run>,
  // Stop polling; answered when no reply is outstanding.
  caf::replies_to<atoms::drain_atom>::with<atoms::ok_atom>,
  caf::reacts_to<atoms::wake_atom, uint64_t>>;

using capture_pager_actor = caf::typed_actor<
  // A run whose captures are to be read and delivered.
  caf::reacts_to<terminal_run>,
  // Stop fetching; answered when all that was delivered is committed.
  caf::replies_to<atoms::drain_atom>::with<atoms::ok_atom>,
  // It is time for a checkpoint.
  caf::reacts_to<atoms::checkpoint_atom>,
  // Commit the time spent, even if no checkpoint is due.
  caf::reacts_to<atoms::account_atom>,
  // A run's pause is over.
  caf::reacts_to<atoms::wake_atom, int64_t>>;

struct run_poller_links {
  run_submitter_actor submitter;
  capture_pager_actor pager;
};

using sink_actor = caf::typed_actor<
  // Open at the committed position, then take pages.
  caf::replies_to<atoms::start_atom>::with<atoms::ok_atom>,
  // Answered when the sink has taken the page: frees the window.
  caf::replies_to<page_ptr>::with<atoms::ok_atom>,
  // In-band: make all earlier pages durable, return the position.
  caf::replies_to<atoms::checkpoint_atom>::with<sink_report>,
  // The job is stopping: fail instead of waiting for a sink that is down.
  caf::replies_to<atoms::drain_atom>::with<atoms::ok_atom>,
  // After the last checkpoint.
  caf::replies_to<atoms::close_atom>::with<atoms::ok_atom>,
  // The wait after a failure is over.
  caf::reacts_to<atoms::wake_atom>>;

// -- shared by the three stages that send requests ----------------------------

using rate_limiter_actor = caf::typed_actor<
  // Answered when one request of this kind may be sent.
  caf::replies_to<atoms::permit_atom, request_kind>::with<permit>,
  // A permit comes back unused: its token and its worker are free again.
  caf::reacts_to<atoms::release_atom, permit>,
  // The pool has this many more idle workers.
  caf::reacts_to<atoms::idle_atom, uint32_t>,
  // A request is over: its worker is idle, and its reply updates the bucket.
  caf::reacts_to<request_report>,
  // A token may be available now.
  caf::reacts_to<atoms::wake_atom, uint64_t>>;

using api_pool_actor = caf::typed_actor<
  caf::replies_to<permit, submit_order>::with<submit_reply>,
  caf::replies_to<permit, run_ref>::with<status_reply>,
  caf::replies_to<permit, page_order>::with<page_reply>,
  caf::replies_to<permit, link_order>::with<link_reply>,
  caf::replies_to<permit, run_list_order>::with<run_list_reply>,
  // Does the API answer at all?
  caf::replies_to<permit, atoms::probe_atom>::with<read_verdict>>;

using api_worker_actor =
  caf::typed_actor<caf::replies_to<submit_order>::with<submit_reply>,
                   caf::replies_to<run_ref>::with<status_reply>,
                   caf::replies_to<page_order>::with<page_reply>,
                   caf::replies_to<link_order>::with<link_reply>,
                   caf::replies_to<run_list_order>::with<run_list_reply>,
                   caf::replies_to<atoms::probe_atom>::with<read_verdict>>;

/// Reads one download at a time. This is not an API request, so it needs no
/// permit.
using download_reader_actor = caf::typed_actor<
  // Fetch this file; answered when it is complete and valid.
  caf::replies_to<signed_url>::with<read_verdict>,
  // The next part of the file; `next` is set while more parts follow.
  caf::replies_to<atoms::next_atom>::with<page_reply>>;

// -- what is durable ----------------------------------------------------------

using ledger_keeper_actor = caf::typed_actor<
  // A planned batch that has not been handed out yet.
  caf::replies_to<atoms::next_atom>::with<batch_offer>,
  // planned → in flight, or in flight once more; answered when the change is
  // on disk.
  caf::replies_to<submit_intent>::with<atoms::ok_atom>,
  // in flight → what became of the submit.
  caf::replies_to<submit_outcome>::with<atoms::ok_atom>,
  // running → ended.
  caf::replies_to<record_end>::with<atoms::ok_atom>,
  // running → held; set aside if a part of its captures was read.
  caf::replies_to<run_given_up>::with<atoms::ok_atom>,
  // running → set aside.
  caf::replies_to<run_set_aside>::with<atoms::ok_atom>,
  // What is needed to begin or continue paging a run.
  caf::replies_to<atoms::start_atom, batch_key>::with<paging_start>,
  // What was decided about held batches since the last request.
  caf::replies_to<atoms::decisions_atom>::with<batch_decisions>,
  // Held batches whose runs may be found.
  caf::replies_to<atoms::held_atom>::with<held_submits>,
  // Which of these runs belong to no batch.
  caf::replies_to<std::vector<listed_run>>::with<std::vector<listed_run>>,
  // held → running, if the evidence still holds.
  caf::replies_to<run_found>::with<batch_decisions>,
  // Written to a file next to the ledger.
  caf::replies_to<unreadable_reply>::with<kept_reply>,
  // set aside → running.
  caf::replies_to<runs_to_read>::with<batch_decisions>,
  // A checkpoint, in one transaction.
  caf::replies_to<checkpoint_ptr>::with<atoms::ok_atom>>;

using run_finder_actor = caf::typed_actor<
  // Search once for the runs of held batches; answered with what was adopted.
  caf::replies_to<atoms::find_atom>::with<batch_decisions>>;

using decision_watch_actor = caf::typed_actor<
  // It is time to check what another process has decided.
  caf::reacts_to<atoms::decisions_atom>>;

// -- the job's end ------------------------------------------------------------

using supervisor_actor = caf::typed_actor<
  // Nothing is left to submit, to poll or to deliver.
  caf::reacts_to<atoms::finished_atom>,
  // The job cannot continue; the first error counts.
  caf::reacts_to<atoms::failed_atom, caf::error>,
  // The user wants the job to stop.
  caf::reacts_to<atoms::drain_atom>>;

} // namespace sluice

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::run_poller_links)
