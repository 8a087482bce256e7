#include "core/flow/seen_captures.hpp"

#include <algorithm>
#include <cstring>

namespace sluice {

namespace {

struct halves {
  uint64_t head;
  uint64_t tail;
};

halves split(const capture_identity& key) {
  halves result{};
  static_assert(sizeof result == sizeof key);
  std::memcpy(&result, key.data(), sizeof result);
  return result;
}

capture_identity join(halves parts) {
  capture_identity key;
  std::memcpy(key.data(), &parts, sizeof parts);
  return key;
}

/// FNV-1a, 64 bits. Must not change, since it is stored in ledgers.
uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (unsigned char byte : text)
    hash = (hash ^ byte) * 1099511628211U;
  return hash;
}

} // namespace

size_t seen_captures::key_hash::operator()(
  const capture_identity& key) const noexcept {
  auto [head, tail] = split(key);
  return head ^ tail;
}

seen_captures::seen_captures(const std::vector<capture_identity>& taken,
                             size_t expected) {
  first_.reserve(std::max(expected, taken.size()));
  for (auto& key : taken) {
    auto [head, tail] = split(key);
    auto [known, is_new] = first_.try_emplace(head, tail);
    if (!is_new && known->second != tail)
      others_.insert(key);
  }
}

std::optional<seen_captures::addition>
seen_captures::add(const capture_identity& identity, std::string_view url) {
  auto [head, id_tail] = split(identity);
  auto tail = id_tail ^ fnv1a(url);
  auto key = join({head, tail});
  auto [known, is_new] = first_.try_emplace(head, tail);
  if (is_new)
    return addition{key, false};
  // The second form was written by older versions.
  if (known->second == tail || known->second == id_tail)
    return std::nullopt;
  if (!others_.insert(key).second)
    return std::nullopt;
  return addition{key, true};
}

} // namespace sluice
