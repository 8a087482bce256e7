// The captures already taken from one run, so that a capture listed twice is
// delivered once.
//
// Two captures are the same if their ids (or bytes) and their URLs are the
// same. The key of a capture is its identity (capture_page.hpp) with the FNV-1a
// hash of its URL xored into the second half: 16 bytes, in memory and in the
// ledger. Older versions used the id alone and wrote the plain identity. Such a
// key is still recognised: a capture whose id an older version has taken is not
// taken again, whatever its URL.

#pragma once

#include "core/model/capture_page.hpp"

#include <memory_resource>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sluice {

class seen_captures {
public:
  /// `taken`: keys that `add` returned, in order. `expected`: about how many
  /// there will be.
  seen_captures(const std::vector<capture_identity>& taken, size_t expected);

  struct addition {
    capture_identity key;
    bool shares_id; ///< another URL's capture has the same id
  };

  /// Adds a capture; nullopt if it was added before.
  [[nodiscard]] std::optional<addition>
  add(const capture_identity& identity, std::string_view url);

  /// True if different captures share an id.
  [[nodiscard]] bool has_shared() const noexcept { return !others_.empty(); }

private:
  struct key_hash {
    size_t operator()(const capture_identity& key) const noexcept;
  };

  /// A monotonic resource suffices, since both containers only grow.
  std::pmr::monotonic_buffer_resource memory_;
  /// The first capture with each id: first half of its key → second half.
  std::pmr::unordered_map<uint64_t, uint64_t> first_{&memory_};
  /// The keys of all other captures.
  std::pmr::unordered_set<capture_identity, key_hash> others_{&memory_};
};

} // namespace sluice
