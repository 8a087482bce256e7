#include "core/pointer_tree.hpp"

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

/// A reference token without its escapes (RFC 6901, section 4); nullopt when
/// it is malformed.
std::optional<std::string> unescaped(std::string_view token) {
  std::string result;
  for (size_t i = 0; i < token.size(); ++i) {
    auto c = token[i];
    if (c == '~') {
      if (++i == token.size() || (token[i] != '0' && token[i] != '1'))
        return std::nullopt;
      c = token[i] == '0' ? '~' : '/';
    }
    result += c;
  }
  return result;
}

/// nullopt when the pointer is malformed.
std::optional<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    if (pointer.front() != '/')
      return std::nullopt;
    pointer.remove_prefix(1);
    auto end = std::min(pointer.find('/'), pointer.size());
    auto token = unescaped(pointer.substr(0, end));
    if (!token)
      return std::nullopt;
    tokens.push_back(std::move(*token));
    pointer.remove_prefix(end);
  }
  return tokens;
}

} // namespace

void pointer_tree::add(int list, std::span<const std::string> pointers) {
  for (uint32_t rank = 0; rank < pointers.size(); ++rank) {
    auto tokens = tokens_of(pointers[rank]);
    if (!tokens)
      continue;
    auto at = root;
    for (const auto& token : *tokens)
      at = grow(at, token);
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
