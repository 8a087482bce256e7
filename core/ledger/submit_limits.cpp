#include "core/ledger/submit_limits.hpp"

#include "core/base/units.hpp"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

std::string rounded_up(double credits) {
  return human_count(static_cast<uint64_t>(std::ceil(credits)));
}

/// Open runs may cost less than their maximum; then the next batch fits.
std::string waiting_text(const credit_budget& budget, const spending& sums) {
  spending open;
  open.open = sums.open;
  return "runs.max_credits (" + human_count(budget.credits())
         + ") leaves too little for the next batch while open runs may "
           "cost "
         + rounded_up(budget.committed(open));
}

} // namespace

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
    return sums.open.batches > 0 ? waiting_text(*credits_, sums)
                                 : used_up_text(*credits_, sums);
  return {};
}

std::string used_up_text(const credit_budget& budget, const spending& sums) {
  auto paid = budget.paid(sums);
  auto may_come = budget.committed(sums) - paid;
  auto text = "runs.max_credits (" + human_count(budget.credits())
              + ") does not cover another run: the job has cost up to "
              + rounded_up(paid) + " credits";
  if (may_come > 0)
    text += ", and runs that are open, failed, held, set aside or given up may "
            "cost "
            + rounded_up(may_come) + " more";
  return text;
}

} // namespace sluice
