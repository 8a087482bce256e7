#include "core/ledger/job_binding.hpp"

#include "core/base/error.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::string shown(const std::string* value) {
  return value == nullptr ? "absent" : in_quotes(*value);
}

/// A value is a path, or has paths as `name=path`.
std::string with_folder_moved(const std::string& value, const std::string& from,
                              const std::string& to) {
  auto below = from + "/";
  if (value.starts_with(below))
    return to + value.substr(from.size());
  auto result = value;
  auto at = result.find("=" + below);
  while (at != std::string::npos) {
    result.replace(at + 1, from.size(), to);
    at = result.find("=" + below, at + 1 + to.size());
  }
  return result;
}

} // namespace

const std::string*
value_in(const job_binding& identity, std::string_view name) {
  auto found = std::find_if(identity.begin(), identity.end(),
                            [&](auto& entry) { return entry.first == name; });
  return found == identity.end() ? nullptr : &found->second;
}

job_binding carried_over(const job_binding& bound, const job_binding& now) {
  auto result = bound;
  auto* to = value_in(now, ledger_folder);
  if (to == nullptr)
    return result;
  auto* from = value_in(bound, ledger_folder);
  if (from == nullptr) // an earlier sluice bound the job
    result.emplace_back(ledger_folder, *to);
  else
    for (auto& [name, value] : result) {
      auto* wanted = value_in(now, name);
      if (wanted != nullptr
          && (name == ledger_folder
              || with_folder_moved(value, *from, *to) == *wanted))
        value = *wanted;
    }
  return result;
}

std::string differences(const job_binding& bound, const job_binding& now) {
  std::string result;
  auto add = [&](const std::string& name) {
    auto* before = value_in(bound, name);
    auto* after = value_in(now, name);
    if (before != nullptr && after != nullptr
        && (*before == *after || before->empty()))
      return;
    result.append(result.empty() ? "" : "; ");
    result.append(printable(name)).append(" was ").append(shown(before));
    result.append(" and is now ").append(shown(after));
  };
  for (auto& [name, value] : bound)
    if (name != left_for_entry)
      add(name);
  for (auto& [name, value] : now)
    if (value_in(bound, name) == nullptr)
      add(name);
  return result;
}

} // namespace sluice
