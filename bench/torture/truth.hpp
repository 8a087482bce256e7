// What the API knows: every run that was created and the exact bytes of its
// captures. The program's reports and deliveries are compared with it.

#pragma once

#include "bench/torture/job.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::torture {

/// Numbers of an account by their names in its text.
using account_numbers = std::map<std::string, uint64_t>;

/// The id of a capture, given its bytes or a prefix. "" if it does not start
/// like a capture.
[[nodiscard]] std::string_view capture_id(std::string_view text) noexcept;

class truth {
public:
  /// The current state. Final once all runs have ended.
  explicit truth(const simulator& api);

  /// Bytes by id.
  [[nodiscard]] const std::unordered_map<std::string, std::string>&
  captures() const noexcept {
    return captures_;
  }

  /// Ids of the runs with exactly these URLs, newest first.
  [[nodiscard]] std::vector<std::string>
  runs_of(const std::vector<std::string>& urls) const;

  /// True if any run has this URL.
  [[nodiscard]] bool was_submitted(const std::string& url) const {
    return urls_.contains(url);
  }

  /// URLs that were in more than `most` runs, twice in one run, or in a run
  /// after an earlier one had captured them.
  [[nodiscard]] uint64_t bought_twice(unsigned most) const;

  /// The account of the finished job.
  [[nodiscard]] account_numbers account_of(const job_input& input) const;

private:
  struct url_fate {
    unsigned runs = 0;
    unsigned runs_when_captured = 0;
    bool captured = false;
    bool last_failed = false;
  };
  void add(const created_run& run);

  std::unordered_map<std::string, std::string> captures_;
  std::unordered_map<std::string, url_fate> urls_;
  std::map<std::vector<std::string>, std::vector<std::string>> runs_by_urls_;
  uint64_t runs_ = 0;
  uint64_t unmatched_ = 0;
};

} // namespace sluice::torture
