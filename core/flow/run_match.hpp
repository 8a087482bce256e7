// Which run belongs to which held batch, by evidence. Pure.
//
// A candidate is a listed run that the ledger does not know. It is a batch's
// own when it lists exactly the batch's URLs, or has captures and all of them
// are of the batch; foreign when it shows others; else unknown, to be asked
// again later. A batch gets a run only when exactly one candidate is its own
// and that one is nobody else's. Nothing is concluded from absence.

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

  /// Judges a candidate by the list. False when the list does not tell its
  /// URLs: its captures must be looked at.
  bool by_list(const listed_run& run);

  /// Judges a candidate by the captures of its first page.
  void by_captures(const listed_run& run, const listed_page& page);

  /// Runs that may be the batch's own; more than one are not certain.
  [[nodiscard]] std::set<std::string> own_of(batch_key batch) const;

  struct found {
    held_submit batch;
    std::string run_id;
  };
  /// What is certain so far.
  [[nodiscard]] std::vector<found> certain() const;

private:
  [[nodiscard]] static bool
  may_be(const held_submit& batch, const listed_run& run);

  std::vector<held_submit> held_;
  std::map<batch_key, std::set<std::string>> own_; ///< run ids of each batch
};

/// True when the API says that a run began before its batch was submitted, by
/// more than clocks differ: it is an earlier job's, with the same URLs.
[[nodiscard]] bool
began_before(const run_status& run, const held_submit& batch) noexcept;

} // namespace sluice
