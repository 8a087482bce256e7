// Finds the runs that held batches created. Pure.
//
// A candidate is a listed run that the ledger does not know. It matches a batch
// if it lists exactly the batch's URLs, or if it has captures and all of them
// are for the batch's URLs. It does not match if it shows other URLs. If it
// shows no URLs, it is unknown and is checked again later. A batch gets a run
// only if exactly one candidate matches it and that candidate matches no other
// batch. If no candidate matches, the batch may still have a run.

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
  /// The most candidates that are judged by their captures.
  static constexpr size_t most_candidates = 20;

  explicit run_match(std::vector<held_submit> held) : held_{std::move(held)} {}

  [[nodiscard]] const std::vector<held_submit>& held() const noexcept {
    return held_;
  }

  /// The robots of the held batches. The caller lists their runs.
  [[nodiscard]] std::set<std::string> robots() const;

  /// Judges the candidates whose URLs the list contains. The others are judged
  /// by their captures: `next_candidate` returns them.
  void on_list(std::vector<listed_run> candidates);

  /// The next run to judge by its captures, or nullopt after the last. Fetch
  /// the first page of its captures, then call `on_captures` or
  /// `on_no_captures`. Each run costs a request, so there are at most
  /// `most_candidates`.
  [[nodiscard]] std::optional<listed_run> next_candidate();

  /// Judges a candidate by the captures of its first page.
  void on_captures(const listed_run& run, const listed_page& page);

  /// The run's captures could not be read.
  void on_no_captures(const listed_run& run);

  /// Runs without listed URLs or captures: they may belong to any batch.
  [[nodiscard]] const std::vector<std::string>& unknown() const noexcept {
    return unknown_;
  }

  /// The runs that match the batch. If there are several, none is certain.
  [[nodiscard]] std::set<std::string> own_of(batch_key batch) const;

  struct found {
    held_submit batch;
    std::string run_id;
  };
  /// The matches that are certain so far. Discard a match if the run's status
  /// then shows that the run `began_before` its batch.
  [[nodiscard]] std::vector<found> certain() const;

private:
  bool by_list(const listed_run& run);
  [[nodiscard]] static bool
  may_be(const held_submit& batch, const listed_run& run);

  std::vector<held_submit> held_;
  std::map<batch_key, std::set<std::string>> own_; ///< run ids of each batch
  std::deque<listed_run> candidates_; ///< to be judged by their captures
  size_t taken_ = 0;                  ///< candidates so far
  std::vector<std::string> unknown_;
};

/// True if the run began, by the API's clock, so long before its batch was
/// submitted that clock differences cannot explain it. Such a run belongs to an
/// earlier job with the same URLs.
[[nodiscard]] bool
began_before(const run_status& run, const held_submit& batch) noexcept;

} // namespace sluice
