// The life of a batch. A batch is in one state; only the transitions in the
// table below exist, and every store refuses all others.
//
//   planned -> in_flight -> running -> ended -> done
//    |           |  |  |      |  |       |
//    |           |  |  |      |  +-------+-> set_aside -> running, done
//    |           |  |  +------+-> held -> running, done, split
//    |           |  +-> rejected -> planned
//    |           +-> planned, split
//    +-> split
//
//   planned    waits to be submitted
//   in_flight  its POST is sent, or about to be; no reply yet
//   running    the API has accepted it: its run is polled
//   ended      its run is terminal: its captures are read and delivered
//   done       all of it is delivered or given up
//   held       nobody knows whether it has a run, or its run was given up:
//              the user decides
//   set_aside  its run is paid for, but its status or its captures cannot be
//              read: the user decides
//   rejected   the API refuses it
//   split      other batches have its URLs

#pragma once

#include "core/base/enum_words.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

enum class batch_state : uint8_t {
  planned,
  in_flight,
  running,
  ended,
  done,
  held,
  rejected,
  split,
  set_aside,
};

/// What changes a batch's state, and who or what causes it.
enum class batch_change : uint8_t {
  begin,        ///< the submitter: its POST is about to be sent
  accept,       ///< the API's reply: a run exists
  replan,       ///< the API's reply: nothing was created
  replan_all,   ///< the API refuses every URL: rejected batches come back
  hold,         ///< no reply that says whether a run exists
  split,        ///< the API refuses it: parts of it are tried
  reject,       ///< the API refuses it, and it cannot be divided
  cut,          ///< a limit leaves room for a part of it
  regroup,      ///< the search for a bad URL: other batches take its URLs
  interrupt,    ///< a start finds it in flight
  end,          ///< the poller: the run is terminal
  give_up,      ///< the poller: the run is too old; none of it was read
  set_aside,    ///< the poller: its status is unreadable, or it was given up
                ///< after a part was read
  finish,       ///< the pager: everything is read
  stop_reading, ///< the pager: the rest cannot be read
  adopt,        ///< the user or the evidence: this is its run
  resubmit,     ///< the user: submit it again
  abandon,      ///< the user: expect nothing more from it
  read_again,   ///< the user, or the pager: read its run again
};

struct batch_transition {
  batch_state from;
  batch_state to;
  batch_change by;
};

/// All there are. A change has one target, from whichever state it starts.
inline constexpr batch_transition batch_transitions[] = {
  {batch_state::planned, batch_state::in_flight, batch_change::begin},
  {batch_state::planned, batch_state::split, batch_change::cut},
  {batch_state::planned, batch_state::split, batch_change::regroup},
  {batch_state::in_flight, batch_state::running, batch_change::accept},
  {batch_state::in_flight, batch_state::planned, batch_change::replan},
  {batch_state::in_flight, batch_state::held, batch_change::hold},
  {batch_state::in_flight, batch_state::held, batch_change::interrupt},
  {batch_state::in_flight, batch_state::split, batch_change::split},
  {batch_state::in_flight, batch_state::rejected, batch_change::reject},
  {batch_state::rejected, batch_state::planned, batch_change::replan_all},
  {batch_state::running, batch_state::ended, batch_change::end},
  {batch_state::running, batch_state::held, batch_change::give_up},
  {batch_state::running, batch_state::set_aside, batch_change::set_aside},
  {batch_state::ended, batch_state::done, batch_change::finish},
  {batch_state::ended, batch_state::set_aside, batch_change::stop_reading},
  {batch_state::held, batch_state::running, batch_change::adopt},
  {batch_state::held, batch_state::split, batch_change::resubmit},
  {batch_state::held, batch_state::done, batch_change::abandon},
  {batch_state::set_aside, batch_state::done, batch_change::abandon},
  {batch_state::set_aside, batch_state::running, batch_change::read_again},
};

inline constexpr size_t batch_states = 9;
inline constexpr size_t batch_changes = 19;

[[nodiscard]] constexpr bool
may_change(batch_state from, batch_change by) noexcept {
  for (auto& row : batch_transitions)
    if (row.from == from && row.by == by)
      return true;
  return false;
}

/// The state that a change leads to.
[[nodiscard]] constexpr batch_state target_of(batch_change by) noexcept {
  for (auto& row : batch_transitions)
    if (row.by == by)
      return row.to;
  return {};
}

/// In ledgers and in messages.
inline constexpr enum_words<batch_state, batch_states> batch_state_words{{
  {"planned", batch_state::planned},
  {"in_flight", batch_state::in_flight},
  {"running", batch_state::running},
  {"ended", batch_state::ended},
  {"done", batch_state::done},
  {"held", batch_state::held},
  {"rejected", batch_state::rejected},
  {"split", batch_state::split},
  {"set_aside", batch_state::set_aside},
}};
static_assert(names_all(batch_state_words, batch_state::set_aside));

[[nodiscard]] constexpr std::string_view name_of(batch_state state) noexcept {
  return word_of(batch_state_words, state);
}

/// nullopt if no state has this name.
[[nodiscard]] constexpr std::optional<batch_state>
batch_state_named(std::string_view name) noexcept {
  return value_of(batch_state_words, name);
}

} // namespace sluice
