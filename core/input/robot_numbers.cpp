#include "core/input/robot_numbers.hpp"

#include "core/base/url.hpp"

namespace sluice {

const std::string* robot_map::find(const std::string& host) const {
  if (auto found = by_host.find(host); found != by_host.end())
    return &found->second;
  for (auto dot = host.find('.'); dot != host.npos && !below.empty();
       dot = host.find('.', dot + 1))
    if (auto found = below.find(host.substr(dot + 1)); found != below.end())
      return &found->second;
  return fallback.empty() ? nullptr : &fallback;
}

robot_numbers::robot_numbers(const robot_map& robots) : robots_{robots} {
  std::unordered_map<std::string_view, uint32_t> known;
  auto add = [&](const std::string& name) {
    auto next = static_cast<uint32_t>(names_.size());
    auto [found, is_new] = known.emplace(name, next);
    if (is_new)
      names_.push_back(name);
    numbers_.emplace(&name, found->second);
  };
  for (auto& [host, name] : robots.by_host)
    add(name);
  for (auto& [domain, name] : robots.below)
    add(name);
  if (!robots.fallback.empty())
    add(robots.fallback);
}

std::optional<uint32_t> robot_numbers::of(std::string_view url) const {
  auto name =
    robots_.is_same_for_all() ? robots_.find({}) : robots_.find(host_of(url));
  if (name == nullptr)
    return std::nullopt;
  return numbers_.at(name);
}

} // namespace sluice
