// The captures that were taken of one run, so that what is listed twice is
// delivered once.
//
// A capture is the same one when its id (or its bytes) and its URL are the
// same. The key of a capture is its identity (capture_page.hpp) with the
// FNV-1a hash of its URL xored into the second half: 16 bytes, in memory and
// in the ledger. Versions that went by the id alone wrote the identity itself.
// Such a key is still recognised: a capture whose id an older version has
// taken is not taken again, whatever its URL.

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
  /// `taken` are keys that `add` returned, in their order; `expected` is how
  /// many there will be, about.
  seen_captures(const std::vector<capture_identity>& taken, size_t expected);

  struct addition {
    capture_identity key;
    bool shares_id; ///< a capture with another URL has the same id
  };

  /// Adds a capture; nullopt when it is there already.
  [[nodiscard]] std::optional<addition>
  add(const capture_identity& identity, std::string_view url);

  /// True when different captures share an id.
  [[nodiscard]] bool has_shared() const noexcept { return !others_.empty(); }

private:
  struct key_hash {
    size_t operator()(const capture_identity& key) const noexcept;
  };

  /// Both sets only grow.
  std::pmr::monotonic_buffer_resource memory_;
  /// The first capture with each id: the halves of its key.
  std::pmr::unordered_map<uint64_t, uint64_t> first_{&memory_};
  /// The keys of the others.
  std::pmr::unordered_set<capture_identity, key_hash> others_{&memory_};
};

} // namespace sluice
