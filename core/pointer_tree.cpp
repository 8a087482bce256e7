#include "core/pointer_tree.hpp"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>

namespace sluice {

void pointer_tree::add(int list, std::span<const std::string> pointers) {
  for (uint32_t rank = 0; rank < pointers.size(); ++rank) {
    rapidjson::Pointer pointer{pointers[rank].data(), pointers[rank].size()};
    if (!pointer.IsValid())
      continue;
    auto at = root;
    for (size_t i = 0; i < pointer.GetTokenCount(); ++i) {
      const auto& token = pointer.GetTokens()[i];
      at = grow(at, {token.name, token.length});
    }
    nodes_[static_cast<size_t>(at)].targets.push_back({list, rank});
  }
}

pointer_tree::node
pointer_tree::child(node from, std::string_view token) const {
  if (from != none)
    for (const auto& [name, to] : nodes_[static_cast<size_t>(from)].children)
      if (name == token)
        return to;
  return none;
}

pointer_tree::node pointer_tree::element(node from, uint64_t index) const {
  return leads_on(from) ? child(from, std::to_string(index)) : none;
}

bool pointer_tree::leads_to(node at, int list) const {
  const auto& here = nodes_[static_cast<size_t>(at)];
  return std::any_of(here.targets.begin(), here.targets.end(),
                     [=](const target& each) { return each.list == list; })
         || std::any_of(
           here.children.begin(), here.children.end(),
           [=, this](const auto& each) { return leads_to(each.second, list); });
}

pointer_tree::node pointer_tree::grow(node from, std::string_view token) {
  if (auto known = child(from, token); known != none)
    return known;
  longest_token_ = std::max(longest_token_, token.size());
  auto added = static_cast<node>(nodes_.size());
  nodes_.emplace_back();
  nodes_[static_cast<size_t>(from)].children.emplace_back(token, added);
  return added;
}

} // namespace sluice
