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

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

class run_match {
public:
  explicit run_match(std::vector<held_submit> held) : held_{std::move(held)} {}

  [[nodiscard]] const std::vector<held_submit>& held() const noexcept {
    return held_;
  }

  /// Judges a candidate by the list. False if the list does not contain its
  /// URLs: then look at its captures.
  bool by_list(const listed_run& run);

  /// Judges a candidate by the captures of its first page.
  void by_captures(const listed_run& run, const listed_page& page);

  /// The runs that may be the batch's own; if there are several, none is
  /// certain.
  [[nodiscard]] std::set<std::string> own_of(batch_key batch) const;

  struct found {
    held_submit batch;
    std::string run_id;
  };
  /// The matches that are certain so far.
  [[nodiscard]] std::vector<found> certain() const;

private:
  [[nodiscard]] static bool
  may_be(const held_submit& batch, const listed_run& run);

  std::vector<held_submit> held_;
  std::map<batch_key, std::set<std::string>> own_; ///< run ids by batch
};

/// True if, by the API's clock, the run began before its batch was submitted,
/// by more than clocks may differ: it belongs to an earlier job with the same
/// URLs.
[[nodiscard]] bool
began_before(const run_status& run, const held_submit& batch) noexcept;

} // namespace sluice
