// Matches runs to held batches by evidence. Pure.
//
// A candidate is a listed run that the ledger does not know. It is a batch's
// own if it lists exactly the batch's URLs, or if it has captures and all of
// them are for the batch's URLs; foreign if it shows other URLs; else unknown,
// to be checked again later. A batch gets a run only if exactly one candidate
// is its own, and that candidate is no other batch's own. Absence proves
// nothing.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/run.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

class run_match {
public:
  /// Candidates whose captures are looked at.
  static constexpr size_t most_candidates = 20;

  explicit run_match(std::vector<held_submit> held) : held_{std::move(held)} {}

  [[nodiscard]] const std::vector<held_submit>& held() const noexcept {
    return held_;
  }

  /// The robots whose runs are to be listed.
  [[nodiscard]] std::set<std::string> robots() const;

  /// Judges candidates by the list. Those whose URLs it does not tell are
  /// judged by their captures: `next_candidate` hands them out.
  void on_list(std::vector<listed_run> candidates);

  /// The next run whose first page of captures is to be asked for, then told
  /// to `on_captures` or `on_no_captures`. Of all runs at most
  /// `most_candidates`, for each costs a request; nullopt: none is left.
  [[nodiscard]] std::optional<listed_run> next_candidate();

  /// Judges a candidate by the captures of its first page.
  void on_captures(const listed_run& run, const listed_page& page);

  /// Its captures could not be read.
  void on_no_captures(const listed_run& run);

  /// Runs that list no URLs and showed no captures: they may be any batch's.
  [[nodiscard]] const std::vector<std::string>& unknown() const noexcept {
    return unknown_;
  }

  /// The runs that may be the batch's own; if there are several, none is
  /// certain.
  [[nodiscard]] std::set<std::string> own_of(batch_key batch) const;

  struct found {
    held_submit batch;
    std::string run_id;
  };
  /// What is certain so far. A run is its batch's unless the API then says
  /// that it `began_before`.
  [[nodiscard]] std::vector<found> certain() const;

private:
  bool by_list(const listed_run& run);
  [[nodiscard]] static bool
  may_be(const held_submit& batch, const listed_run& run);

  std::vector<held_submit> held_;
  std::map<batch_key, std::set<std::string>> own_; ///< run ids of each batch
  std::deque<listed_run> candidates_; ///< whose captures are to be looked at
  size_t taken_ = 0;                  ///< candidates until now
  std::vector<std::string> unknown_;
};

/// True if, by the API's clock, the run began before its batch was submitted,
/// by more than clocks may differ: it belongs to an earlier job with the same
/// URLs.
[[nodiscard]] bool
began_before(const run_status& run, const held_submit& batch) noexcept;

} // namespace sluice
