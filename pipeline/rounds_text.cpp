#include "pipeline/rounds_text.hpp"

#include "core/units.hpp"
#include "pipeline/counted.hpp"
#include "pipeline/utc_text.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr int name_width = 12;
constexpr int number_width = 14;

using named_counts = std::vector<std::pair<uint64_t, std::string>>;

/// "15 missing, 5 failed"; what is zero is left out.
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

std::string states_of(const round_report& round) {
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
  auto pad = [&](std::string text, int width, bool right) {
    auto blanks = std::string(
      std::max<size_t>(text.size(), static_cast<size_t>(width)) - text.size(),
      ' ');
    return right ? blanks + text : text + blanks;
  };
  out << "  " << pad(name, name_width, false)
      << pad(human_count(round.urls), number_width, true) << "  "
      << (round.urls == 1 ? "URL" : "URLs");
  if (round.number > 0)
    out << " (" << kinds_of(round.taken) << ") from "
        << utc_minute(round.begun_at_ms);
  out << ": " << states_of(round) << "; " << counted(round.runs, "run") << ", "
      << counted(round.captures, "capture") << '\n';
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
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
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

std::string retry_text(const retry_counts& taken, const retry_kinds& wanted,
                       const settings& config) {
  if (taken.total() == 0)
    return "Nothing is submitted again: no URL of a finished round is "
           + words_of(wanted) + ".\n";
  auto& profile = *config.api.profile;
  auto credits = static_cast<double>(taken.total()) * profile.credits_per_unit;
  return "Submits " + counted(taken.total(), "URL") + " again ("
         + kinds_of(taken) + ") and buys "
         + (taken.total() == 1 ? "it" : "them") + " again: about "
         + counted(static_cast<uint64_t>(std::llround(credits)), "credit")
         + ".\n";
}

} // namespace sluice
