// Decides when the next batch may be submitted: slots, the canary submit, and
// pauses after an ambiguous submit. Pure counting; no time, no I/O.

#pragma once

#include "core/flow/stage_waits.hpp"

#include <cstdint>

namespace sluice {

struct slot_limits {
  uint32_t max_concurrent = 10; ///< runs the API works on at once
  uint32_t queue_ahead = 3;     ///< runs queued beyond that, so no slot idles
  uint32_t max_unread = 20;     ///< ended runs whose captures are not committed
};

/// Counts batches by stage: in hand (taken, reply pending), active (submitted,
/// not ended), unread (ended, not committed).
class submit_gate {
public:
  /// Submitting ends after this many ambiguous submits in a row.
  static constexpr unsigned most_ambiguous = 3;

  /// `canary_passed`: the API has accepted a submit of this job before. Until
  /// then, and after an ambiguous submit until the next accepted one, batches
  /// are taken one at a time, so that a common fault costs only one batch.
  submit_gate(slot_limits limits, uint64_t active, uint64_t unread,
              bool canary_passed) noexcept
      : limits_{limits},
        active_{active},
        unread_{unread},
        canary_passed_{canary_passed} {}

  /// True if another batch may be taken in hand, besides the `asked` ones that
  /// have been asked for.
  [[nodiscard]] bool may_take(uint64_t asked = 0) const noexcept {
    auto busy = active_ + in_hand_ + asked;
    auto slots = limits_.max_concurrent + limits_.queue_ahead;
    return !halted_ && !paused() && busy < slots
           && busy + unread_ < slots + limits_.max_unread
           && (in_hand_ + asked == resting_
               || (canary_passed_ && ambiguous_ == 0));
  }

  /// True when a batch in hand may be sent.
  [[nodiscard]] bool may_send() const noexcept { return !halted_ && !paused(); }

  /// What delays the next batch. `more`: there are batches besides those in
  /// hand.
  [[nodiscard]] submit_wait waits_for(bool more) const noexcept {
    if (halted_ || (!more && in_hand_ == 0))
      return active_ > 0 ? submit_wait::runs : submit_wait::none;
    if (paused())
      return submit_wait::pause;
    // Queueing another run ahead would not make the runs faster.
    if (active_ >= limits_.max_concurrent)
      return submit_wait::slots;
    return in_hand_ > 0 || may_take() ? submit_wait::sending
                                      : submit_wait::unread;
  }

  void took() noexcept { ++in_hand_; }

  /// A batch in hand was returned unsent, or its reply was definite.
  void put_back() noexcept { --in_hand_; }

  void accepted() noexcept {
    --in_hand_;
    ++active_;
    canary_passed_ = true;
    ambiguous_ = 0;
  }

  /// Nothing was created. `answered`: the API itself replied, so it is up.
  void refused(bool answered) noexcept {
    --in_hand_;
    if (answered)
      ambiguous_ = 0;
  }

  /// Nobody knows whether a run exists. Pauses until `answers`; false if there
  /// were too many in a row.
  [[nodiscard]] bool ambiguous() noexcept {
    --in_hand_;
    ++ambiguous_;
    api_unresponsive_ = true;
    return ambiguous_ < most_ambiguous;
  }

  /// The same for a submit that will be repeated: its batch stays in hand.
  /// Submits that become ambiguous together count once, since nobody has to
  /// resolve them.
  [[nodiscard]] bool ambiguous_in_hand() noexcept {
    ambiguous_ += api_unresponsive_ ? 0 : 1;
    api_unresponsive_ = true;
    return ambiguous_ < most_ambiguous;
  }

  /// The API itself refused a repeat, so it is up. The batch stays in hand.
  void answered_in_hand() noexcept { ambiguous_ = 0; }

  /// A batch in hand waits for its repeat, which may take hours. Until `wakes`,
  /// it does not keep other batches from being taken.
  void rests() noexcept { ++resting_; }
  void wakes() noexcept { --resting_; }
  [[nodiscard]] uint64_t resting() const noexcept { return resting_; }

  /// A read succeeded after an ambiguous submit.
  void answers() noexcept { api_unresponsive_ = false; }

  /// A held batch turned out to have a run.
  void adopted() noexcept { ++active_; }

  void run_ended(bool unread) noexcept {
    --active_;
    unread_ += unread ? 1 : 0;
  }

  void committed() noexcept { --unread_; }

  /// Stops submitting; open runs are finished.
  void halt() noexcept { halted_ = true; }

  void wait(bool on) noexcept { waiting_ = on; }

  /// Pauses while replies are unreadable: what is bought then cannot be
  /// delivered.
  void readable(bool yes) noexcept { unreadable_ = !yes; }

  /// True if nothing is in hand, active or unread.
  [[nodiscard]] bool idle() const noexcept {
    return active_ == 0 && unread_ == 0 && in_hand_ == 0;
  }

  [[nodiscard]] bool halted() const noexcept { return halted_; }
  [[nodiscard]] bool waiting() const noexcept { return waiting_; }
  [[nodiscard]] bool canary_passed() const noexcept { return canary_passed_; }
  [[nodiscard]] bool api_unresponsive() const noexcept {
    return api_unresponsive_;
  }
  [[nodiscard]] uint64_t in_hand() const noexcept { return in_hand_; }
  [[nodiscard]] uint64_t active() const noexcept { return active_; }
  [[nodiscard]] uint64_t unread() const noexcept { return unread_; }

private:
  [[nodiscard]] bool paused() const noexcept {
    return api_unresponsive_ || waiting_ || unreadable_;
  }

  slot_limits limits_;
  uint64_t in_hand_ = 0;
  uint64_t resting_ = 0; ///< of those in hand
  uint64_t active_ = 0;
  uint64_t unread_ = 0;
  unsigned ambiguous_ = 0;
  bool canary_passed_ = false;
  bool api_unresponsive_ =
    false;                  ///< ambiguous submit, no successful read since
  bool waiting_ = false;    ///< a backoff is running
  bool unreadable_ = false; ///< replies cannot be read
  bool halted_ = false;
};

} // namespace sluice
