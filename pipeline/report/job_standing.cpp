#include "pipeline/report/job_standing.hpp"

#include "core/base/units.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/utc_text.hpp"

#include <cmath>

namespace sluice {

namespace {

constexpr size_t runs_named = 10;

class bought_lines {
public:
  explicit bought_lines(const settings& config)
      : profile_{*config.api.profile},
        is_bounded_{profile_.budget_unit == api_profile::unit::urls
                    && config.runs.budget != run_settings::budget_rule::none} {}

  /// `certain`: there is a run of each.
  void add(const bought_batches& some, const char* one, const char* many,
           bool certain) {
    if (some.batches == 0)
      return;
    auto by_url = profile_.budget_unit == api_profile::unit::urls;
    auto credits = static_cast<double>(by_url ? some.urls : some.captures)
                   * profile_.credits_per_unit;
    std::vector<std::string> names;
    for (auto& name : some.names)
      names.push_back(printable(name));
    text_ += "    " + human_count(some.batches) + " "
             + (some.batches == 1 ? one : many) + ", "
             + counted(some.urls, "URL") + ", "
             + (certain || !is_bounded_ ? "about " : "at most ")
             + human_count(static_cast<uint64_t>(std::llround(credits)))
             + " credits: " + first_of(names, some.batches, ", ") + "\n";
  }

  [[nodiscard]] const std::string& text() const { return text_; }

private:
  const api_profile& profile_;
  bool is_bounded_; ///< a batch cannot cost more than its URLs
  std::string text_;
};

} // namespace

std::string standing::text() const {
  return (begun_ms > 0 ? "it began on " + utc_minute(begun_ms) + ", and "
                       : std::string{})
         + human_count(done()) + " of " + human_count(urls())
         + " URLs are done";
}

caf::expected<standing> standing_of(ledger& store) {
  auto begun = store.begun_at_ms();
  if (!begun)
    return begun.error();
  auto numbers = store.report();
  if (!numbers)
    return numbers.error();
  return standing{*begun, *numbers};
}

std::string first_of(const std::vector<std::string>& texts, uint64_t all,
                     const char* between) {
  std::string joined;
  for (auto& text : texts)
    joined += (joined.empty() ? "" : between) + text;
  return all > texts.size()
           ? joined + " and " + human_count(all - texts.size()) + " more"
           : joined;
}

caf::expected<std::string> left_behind(ledger& store, const settings& config) {
  auto work = store.work_in_hand(runs_named);
  if (!work)
    return work.error();
  bought_lines lines{config};
  lines.add(work->open, "open run", "open runs", true);
  lines.add(work->unread, "unread run (ended, not all delivered)",
            "unread runs (ended, not all delivered)", true);
  lines.add(work->unsure, "submit without a reply", "submits without a reply",
            false);
  lines.add(work->held, "held batch", "held batches", false);
  lines.add(work->set_aside, "run set aside", "runs set aside", true);
  return lines.text();
}

} // namespace sluice
