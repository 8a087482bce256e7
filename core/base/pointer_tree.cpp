#include "core/base/pointer_tree.hpp"

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

/// A reference token with its escapes undone (RFC 6901, section 4), in
/// `scratch` if it had any; nullopt if it is malformed.
std::optional<std::string_view>
unescaped(std::string_view token, std::string& scratch) {
  if (token.find('~') == token.npos)
    return token;
  scratch.clear();
  for (size_t i = 0; i < token.size(); ++i) {
    auto c = token[i];
    if (c == '~') {
      if (++i == token.size() || (token[i] != '0' && token[i] != '1'))
        return std::nullopt;
      c = token[i] == '0' ? '~' : '/';
    }
    scratch += c;
  }
  return scratch;
}

} // namespace

void pointer_tree::add(int list, std::span<const std::string> pointers) {
  for (uint32_t rank = 0; rank < pointers.size(); ++rank)
    if (auto end = grow_along(pointers[rank]); end != none)
      nodes_[static_cast<size_t>(end)].targets.push_back({list, rank});
}

pointer_tree::node pointer_tree::grow_along(std::string_view pointer) {
  std::string scratch;
  auto at = root;
  while (!pointer.empty()) {
    if (pointer.front() != '/')
      return none;
    pointer.remove_prefix(1);
    auto end = std::min(pointer.find('/'), pointer.size());
    auto token = unescaped(pointer.substr(0, end), scratch);
    if (!token)
      return none;
    at = grow(at, *token);
    pointer.remove_prefix(end);
  }
  return at;
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
