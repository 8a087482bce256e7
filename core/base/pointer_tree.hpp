// RFC 6901 pointers merged into one tree, so that a streaming reader needs only
// one look-up per member to see whether a pointer leads through it.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// Alternatives: the first pointer that resolves counts.
using json_pointers = std::vector<std::string>;

class pointer_tree {
public:
  using node = int32_t;
  static constexpr node root = 0;
  static constexpr node none = -1;

  /// A pointer that ends at a node: its list, and its place in that list.
  struct target {
    int list;
    uint32_t rank;
  };

  pointer_tree() {
    nodes_.reserve(16); // few need more
    nodes_.emplace_back();
  }

  /// Adds the pointers of one list, in order. Skips malformed pointers: they
  /// resolve to nothing.
  void add(int list, std::span<const std::string> pointers);

  /// The node that the member or element named `token` leads to; none if no
  /// pointer goes there. `from` may be none.
  [[nodiscard]] node child(node from, std::string_view token) const;

  /// Like `child`, for the element at `index`.
  [[nodiscard]] node element(node from, uint64_t index) const;

  /// False if no pointer leads below `at`. `at` may be none.
  [[nodiscard]] bool leads_on(node at) const {
    return at != none && !nodes_[static_cast<size_t>(at)].children.empty();
  }

  /// True when a pointer of `list` ends at `at` or below. REQUIRES: not none.
  [[nodiscard]] bool leads_to(node at, int list) const;

  [[nodiscard]] size_t size() const { return nodes_.size(); }

  /// Bytes of the longest name in any pointer.
  [[nodiscard]] size_t longest_token() const { return longest_token_; }

  /// The names that lead on from `at`, and where to. REQUIRES: not none.
  [[nodiscard]] const std::vector<std::pair<std::string, node>>&
  children(node at) const {
    return nodes_[static_cast<size_t>(at)].children;
  }

  /// The pointers that end at `at`. REQUIRES: not none.
  [[nodiscard]] const std::vector<target>& targets(node at) const {
    return nodes_[static_cast<size_t>(at)].targets;
  }

private:
  struct entry {
    std::vector<std::pair<std::string, node>> children;
    std::vector<target> targets;
  };

  /// Adds the nodes of `pointer` and returns the last; none if malformed.
  node grow_along(std::string_view pointer);
  node grow(node from, std::string_view token);

  std::vector<entry> nodes_;
  size_t longest_token_ = 0;
};

} // namespace sluice
