// How far a job has submitted: whether there may be another batch, and whether
// the job is over. Pure. submit_gate decides when a batch may be sent.
//
//   supply   unknown ─▶ asked ─▶ unknown      there was a batch
//                            └─▶ exhausted ─▶ unknown   more was planned
//   end      open ─▶ last_look ─▶ finished
//            open ─▶ finished     there are no runs to look for
//            last_look ─▶ open    a run was found, so the job continues

#pragma once

#include <cassert>
#include <utility>

namespace sluice {

class submit_phase {
public:
  // -- the supply of batches --------------------------------------------------

  [[nodiscard]] bool may_ask() const noexcept {
    return supply_ == supply::unknown;
  }
  [[nodiscard]] bool is_asking() const noexcept {
    return supply_ == supply::asked;
  }
  [[nodiscard]] bool exhausted() const noexcept {
    return supply_ == supply::exhausted;
  }

  /// The next batch was asked for. REQUIRES: `may_ask`.
  void ask() noexcept {
    assert(may_ask());
    supply_ = supply::asked;
  }

  /// There was a batch, or none is left for now. REQUIRES: `is_asking`.
  void on_offer(bool has_batch) noexcept {
    assert(is_asking());
    supply_ = has_batch ? supply::unknown : supply::exhausted;
  }

  /// There may be batches again. An answer under way still counts.
  void may_have_more() noexcept {
    if (exhausted())
      supply_ = supply::unknown;
  }

  // -- the end of the job -----------------------------------------------------

  [[nodiscard]] bool finished() const noexcept { return end_ == end::finished; }

  /// Nothing is left to do but to look for the runs of held batches. True if
  /// that was not done yet.
  [[nodiscard]] bool begin_last_look() noexcept {
    assert(!finished());
    return std::exchange(end_, end::last_look) == end::open;
  }

  /// Runs were found: the job goes on with them. REQUIRES: not `finished`.
  void go_on() noexcept {
    assert(!finished());
    end_ = end::open;
  }

  void finish() noexcept { end_ = end::finished; }

private:
  enum class supply { unknown, asked, exhausted };
  enum class end { open, last_look, finished };

  supply supply_ = supply::unknown;
  end end_ = end::open;
};

} // namespace sluice
