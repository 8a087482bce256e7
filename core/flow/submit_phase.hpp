// How far submitting has come: whether there may be another batch, and whether
// the job is over. Pure. submit_gate decides when a batch may be sent.
//
//   supply   unknown ─▶ exhausted     no batch is left for now
//            exhausted ─▶ unknown     there was a batch, or more was planned
//   end      open ─▶ last_look ─▶ finished
//            open ─▶ finished     there are no runs to look for
//            last_look ─▶ open    a run was found, so the job continues

#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

namespace sluice {

class submit_phase {
public:
  // -- the supply of batches --------------------------------------------------

  /// At most this many batches are asked for at a time, so that their submits
  /// share a sync of the ledger, which answers between two syncs. Only one is
  /// asked for if none was left last time.
  static constexpr uint64_t most_asked = 4;

  [[nodiscard]] bool may_ask() const noexcept {
    return !exhausted_ && asked_ < (had_batch_ ? most_asked : 1);
  }
  [[nodiscard]] uint64_t asked() const noexcept { return asked_; }
  [[nodiscard]] bool is_asking() const noexcept { return asked_ > 0; }
  [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }

  /// Another batch was asked for. REQUIRES: `may_ask`.
  void ask() noexcept {
    assert(may_ask());
    ++asked_;
  }

  /// The reader offered a batch, or has none left for now. REQUIRES:
  /// `is_asking`.
  void on_offer(bool has_batch) noexcept {
    assert(is_asking());
    --asked_;
    had_batch_ = has_batch;
    exhausted_ = !has_batch;
  }

  /// There may be batches again. Answers still under way remain valid: one that
  /// predates the change arrives before this call.
  void may_have_more() noexcept { exhausted_ = false; }

  // -- the end of the job -----------------------------------------------------

  [[nodiscard]] bool finished() const noexcept { return end_ == end::finished; }

  /// Nothing is left to do but to look for the runs of held batches. True if
  /// this look has not begun yet.
  [[nodiscard]] bool begin_last_look() noexcept {
    assert(!finished());
    return std::exchange(end_, end::last_look) == end::open;
  }

  /// Runs were found: the job continues with them. REQUIRES: not `finished`.
  void go_on() noexcept {
    assert(!finished());
    end_ = end::open;
  }

  void finish() noexcept { end_ = end::finished; }

private:
  enum class end { open, last_look, finished };

  uint64_t asked_ = 0;
  bool had_batch_ = true; ///< the last answer; true before the first one
  bool exhausted_ = false;
  end end_ = end::open;
};

} // namespace sluice
