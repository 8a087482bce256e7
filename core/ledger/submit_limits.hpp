// How much a start may submit: `run --limit`, which counts URLs of this start,
// and `runs.max_credits`, which counts credits of the whole job. When the
// ledger hands out a batch, it asks here how many URLs may be sent. Pure.

#pragma once

#include "core/ledger/credit_budget.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// What keeps a batch, or a part of it, from being submitted.
enum class submit_limit : uint8_t { none, urls, credits };

/// How many URLs of a batch may be submitted now.
struct submit_share {
  uint64_t urls = 0;
  submit_limit kept_by = submit_limit::none; ///< set when `urls` is 0
};

class submit_limits {
public:
  /// No limit.
  submit_limits() = default;

  submit_limits(std::optional<uint64_t> urls,
                std::optional<credit_budget> credits)
      : most_urls_{urls}, credits_{credits} {}

  /// For a planned batch of `urls` URLs. `counts` is true unless this start has
  /// submitted these URLs before. `sums` are those of the job, including all
  /// batches that are handed out. If the credits pay for only part of a batch,
  /// it waits while runs are open, since they may cost less than their maximum;
  /// then that part is submitted.
  [[nodiscard]] submit_share
  share_of(uint64_t urls, bool counts, const spending& sums) const noexcept;

  /// Counts `urls` URLs that were handed out.
  void took(uint64_t urls) noexcept { urls_taken_ += urls; }

  /// Whether URLs are counted.
  [[nodiscard]] bool counts_urls() const noexcept {
    return most_urls_.has_value();
  }

  /// True if the limit of URLs is used up.
  [[nodiscard]] bool urls_used_up() const noexcept {
    return most_urls_ && urls_taken_ >= *most_urls_;
  }

  [[nodiscard]] const std::optional<credit_budget>& credits() const noexcept {
    return credits_;
  }

  /// "this start has submitted its 20 URLs (--limit)": what `limit` says to
  /// the user, as part of a sentence.
  [[nodiscard]] std::string
  text(submit_limit limit, const spending& sums) const;

private:
  std::optional<uint64_t> most_urls_;
  uint64_t urls_taken_ = 0;
  std::optional<credit_budget> credits_;
};

/// "runs.max_credits (500) does not cover another run: …", in a sentence.
[[nodiscard]] std::string
used_up_text(const credit_budget& budget, const spending& sums);

} // namespace sluice
