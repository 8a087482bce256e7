#include "bench/torture/truth.hpp"

#include <algorithm>
#include <unordered_set>

namespace sluice::torture {

namespace {

/// The URL of a capture. The URLs of a torture test need no escapes.
std::string url_of(std::string_view capture) {
  constexpr std::string_view member = R"("url":")";
  auto begin = capture.find(member) + member.size();
  return std::string{capture.substr(begin, capture.find('"', begin) - begin)};
}

} // namespace

std::string_view capture_id(std::string_view text) noexcept {
  constexpr std::string_view start = R"({"_id":")";
  if (!text.starts_with(start))
    return {};
  text.remove_prefix(start.size());
  return text.substr(0, text.find('"'));
}

truth::truth(const simulator& api) {
  api.each_run([this](const created_run& run) { add(run); });
}

void truth::add(const created_run& run) {
  ++runs_;
  auto urls = run.urls;
  std::sort(urls.begin(), urls.end());
  std::unordered_set<std::string> captured;
  for (auto& capture : run.captures) {
    auto url = url_of(capture);
    unmatched_ += std::binary_search(urls.begin(), urls.end(), url) ? 0 : 1;
    captured.insert(std::move(url));
    captures_.emplace(capture_id(capture), capture);
  }
  for (auto& url : urls) {
    auto& fate = urls_[url];
    ++fate.runs;
    fate.runs_when_captured += fate.captured ? 1 : 0;
    fate.last_failed = run.state == "failed";
  }
  for (auto& url : captured)
    if (auto found = urls_.find(url); found != urls_.end())
      found->second.captured = true;
  auto& same = runs_by_urls_[std::move(urls)];
  same.insert(same.begin(), run.id);
}

std::vector<std::string>
truth::runs_of(const std::vector<std::string>& urls) const {
  auto sorted = urls;
  std::sort(sorted.begin(), sorted.end());
  auto found = runs_by_urls_.find(sorted);
  return found == runs_by_urls_.end() ? std::vector<std::string>{}
                                      : found->second;
}

uint64_t truth::bought_twice(unsigned most) const {
  return static_cast<uint64_t>(
    std::count_if(urls_.begin(), urls_.end(), [&](auto& entry) {
      auto& fate = entry.second;
      return fate.runs > most || fate.runs_when_captured > 0;
    }));
}

account_numbers truth::account_of(const job_input& input) const {
  account_numbers result{{"total", input.records()},
                         {"invalid", input.invalid},
                         {"duplicate", input.duplicates},
                         {"captured", 0},
                         {"missing", 0},
                         {"failed", 0},
                         {"rejected", 0},
                         {"held", 0},
                         {"set_aside", 0},
                         {"pending", 0},
                         {"runs", runs_},
                         {"captures", captures_.size()},
                         {"extra", unmatched_},
                         {"short", 0}};
  for (auto& url : input.urls) {
    auto fate = urls_.find(url);
    ++result[fate == urls_.end()        ? "rejected"
             : fate->second.captured    ? "captured"
             : fate->second.last_failed ? "failed"
                                        : "missing"];
  }
  return result;
}

} // namespace sluice::torture
