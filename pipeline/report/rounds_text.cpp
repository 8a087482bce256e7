#include "pipeline/report/rounds_text.hpp"

#include "core/base/either.hpp"
#include "core/base/units.hpp"
#include "pipeline/report/account_row.hpp"
#include "pipeline/report/counted.hpp"
#include "pipeline/report/plan_text.hpp"
#include "pipeline/report/utc_text.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using named_counts = std::vector<std::pair<uint64_t, std::string>>;

/// "15 missing, 5 failed"; zeros are left out.
std::string list_of(const named_counts& counts) {
  std::string text;
  for (auto& [count, name] : counts)
    if (count > 0)
      text += (text.empty() ? "" : ", ") + human_count(count) + " " + name;
  return text;
}

std::string kinds_of(const retry_counts& taken) {
  return list_of({{taken.missing, "missing"},
                  {taken.failed, "failed"},
                  {taken.rejected, "rejected"}});
}

std::string round_states(const round_report& round) {
  return list_of({{round.captured, "captured"},
                  {round.missing, "missing"},
                  {round.failed, "failed"},
                  {round.rejected, "rejected"},
                  {round.held, "held"},
                  {round.set_aside, "set aside"},
                  {round.pending, "pending"}});
}

/// "400 URLs: 380 captured, 20 missing; 20 runs, 381 captures"
void add_round(std::ostringstream& out, const round_report& round) {
  auto name = round.number == 0 ? std::string{"first"}
                                : "retry " + std::to_string(round.number);
  out << account_row(name, round.urls) << (round.urls == 1 ? "URL" : "URLs");
  if (round.number > 0)
    out << " (" << kinds_of(round.taken) << ") from "
        << utc_minute(round.begun_at_ms);
  out << ": " << round_states(round) << "; " << counted(round.runs, "run")
      << ", " << counted(round.captures, "capture") << '\n';
}

/// "missing or failed".
std::string words_of(const retry_kinds& kinds) {
  std::vector<std::string> words;
  if (kinds.missing)
    words.emplace_back("missing");
  if (kinds.failed)
    words.emplace_back("failed");
  if (kinds.rejected)
    words.emplace_back("rejected");
  return either(words);
}

/// The most runs that these URLs can take. Each robot has separate runs, and a
/// run that the API refuses is divided, which is to be expected for URLs it
/// refused before.
uint64_t most_runs(uint64_t urls, uint64_t refused, const run_settings& runs) {
  auto robots = 1 + runs.robots.by_host.size() + runs.robots.below.size();
  auto others = urls - std::min(urls, refused);
  auto partial = std::min<uint64_t>(others, robots);
  return std::min(urls, refused) + partial
         + (others - partial) / runs.urls_per_run;
}

/// "at most 20 credits".
std::string price_of(uint64_t urls, uint64_t refused, const settings& config) {
  auto most = most_credits(config, urls, most_runs(urls, refused, config.runs));
  return most
           ? "at most "
               + counted(static_cast<uint64_t>(std::llround(*most)), "credit")
           : "unlimited credits, because runs.budget is none";
}

std::string goes_on(const round_report& round, const settings& config) {
  return "Retry " + std::to_string(round.number)
         + " continues: " + human_count(round.pending) + " of its URLs "
         + (round.pending == 1 ? "is" : "are") + " pending; "
         + price_of(round.pending, round.taken.rejected, config) + ".\n";
}

std::string begins(const begun_round& begun, const settings& config) {
  auto& taken = begun.taken;
  auto text =
    "Submits " + counted(taken.total(), "URL") + " again (" + kinds_of(taken)
    + ") and buys " + (taken.total() == 1 ? "it" : "them")
    + " again: " + price_of(taken.total(), taken.rejected, config) + ".\n";
  if (begun.beside_unmatched > 0)
    text +=
      human_count(begun.beside_unmatched) + " of the missing URLs "
      + (begun.beside_unmatched == 1 ? "is" : "are")
      + " in runs that delivered captures of other URLs. If a URL "
        "redirects, one of these may be its capture; it is bought twice.\n";
  return text;
}

std::string nothing_begins(const retry_kinds& wanted, bool others_go_on) {
  return std::string{others_go_on ? "No further URL is submitted again"
                                  : "Nothing is submitted again"}
         + ": no URL of a finished round is " + words_of(wanted) + ".\n";
}

} // namespace

std::string rounds_text(const std::vector<round_report>& rounds) {
  if (rounds.empty())
    return {};
  std::ostringstream out;
  out << "Rounds\n";
  for (auto& round : rounds)
    add_round(out, round);
  return out.str();
}

bool is_unfinished_retry(const round_report& round) {
  return round.number > 0 && round.pending > 0;
}

std::string retry_text(const std::vector<round_report>& before,
                       const retry_kinds& wanted, const begun_round& begun,
                       const settings& config, std::optional<uint64_t> limit) {
  std::string text;
  for (auto& round : before)
    if (is_unfinished_retry(round))
      text += goes_on(round, config);
  auto others_go_on = !text.empty();
  auto is_begun = begun.taken.total() > 0;
  if (is_begun)
    text += begins(begun, config);
  else if (wanted.any())
    text += nothing_begins(wanted, others_go_on);
  if (limit && (is_begun || others_go_on))
    text +=
      "This start submits at most " + counted(*limit, "URL") + " (--limit).\n";
  return text;
}

} // namespace sluice
