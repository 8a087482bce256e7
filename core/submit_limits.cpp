#include "core/submit_limits.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

submit_share submit_limits::share_of(uint64_t urls, bool counts,
                                     const spending& sums) const noexcept {
  if (most_urls_ && counts) {
    urls = std::min(urls, *most_urls_ - std::min(*most_urls_, urls_taken_));
    if (urls == 0)
      return {0, submit_limit::urls};
  }
  if (!credits_)
    return {urls, submit_limit::none};
  auto paid_for = credits_->fits(sums, urls);
  if (paid_for == 0 || (paid_for < urls && sums.open.batches > 0))
    return {0, submit_limit::credits};
  return {paid_for, submit_limit::none};
}

std::string
submit_limits::text(submit_limit limit, const spending& sums) const {
  if (limit == submit_limit::urls)
    return "this start has submitted its " + human_count(*most_urls_)
           + (*most_urls_ == 1 ? " URL" : " URLs") + " (--limit)";
  if (limit == submit_limit::credits)
    return used_up_text(*credits_, sums);
  return {};
}

std::string used_up_text(const credit_budget& budget, const spending& sums) {
  auto rounded = [](double credits) {
    return human_count(static_cast<uint64_t>(std::ceil(credits)));
  };
  auto paid = budget.paid(sums);
  auto may_come = budget.committed(sums) - paid;
  auto text = "runs.max_credits (" + human_count(budget.credits())
              + ") pays for no further run: the job has cost up to "
              + rounded(paid) + " credits";
  if (may_come > 0)
    text += ", and runs that are open, held, set aside or given up may cost "
            + rounded(may_come) + " more";
  return text;
}

} // namespace sluice
