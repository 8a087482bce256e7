#include "config/finding.hpp"

#include "core/base/secrets.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::config {

namespace {

constexpr size_t max_findings = 100;

} // namespace

std::string finding::text() const {
  auto out = file;
  if (line > 0)
    out += ':' + std::to_string(line) + ':' + std::to_string(column);
  return out + ": " + message;
}

void finding_list::add(const place& at, std::string_view message) {
  if (list_.size() >= max_findings) {
    ++dropped_;
    return;
  }
  list_.push_back({at.file ? *at.file : std::string{"config"}, at.line,
                   at.column, mask_secrets(message)});
}

void finding_list::add(std::vector<finding> others) {
  for (auto& one : others)
    if (list_.size() < max_findings)
      list_.push_back(std::move(one));
    else
      ++dropped_;
}

std::vector<finding> finding_list::take() {
  std::stable_sort(list_.begin(), list_.end(),
                   [](const finding& a, const finding& b) {
                     auto key = [](const finding& f) {
                       return std::tuple{f.line == 0, std::string_view{f.file},
                                         f.line, f.column};
                     };
                     return key(a) < key(b);
                   });
  if (dropped_ > 0)
    list_.push_back(
      {list_.front().file, 0, 0,
       "and " + std::to_string(dropped_) + " more: correct these first"});
  dropped_ = 0;
  return std::move(list_);
}

} // namespace sluice::config
