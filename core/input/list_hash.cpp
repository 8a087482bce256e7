#include "core/input/list_hash.hpp"

#include "core/model/list_identity.hpp"

#include <xxhash.h>

#include <sys/stat.h>

#include <array>
#include <ctime>
#include <new>
#include <vector>

namespace sluice {

struct list_digest::state {
  state() : hash{XXH3_createState()} {
    if (hash == nullptr)
      throw std::bad_alloc{};
    XXH3_128bits_reset(hash);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { XXH3_freeState(hash); }

  XXH3_state_t* hash;
};

list_digest::list_digest() : state_{std::make_unique<state>()} {}

list_digest::~list_digest() = default;
list_digest::list_digest(list_digest&&) noexcept = default;
list_digest& list_digest::operator=(list_digest&&) noexcept = default;

void list_digest::add(std::string_view bytes) {
  XXH3_128bits_update(state_->hash, bytes.data(), bytes.size());
}

std::string list_digest::finish() const {
  // Canonical byte order, since a ledger may move to another machine.
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state_->hash));
  return {reinterpret_cast<const char*>(bytes.digest), sizeof(bytes.digest)};
}

std::optional<file_stamp> stamp_of(const std::string& name) {
  struct stat info {};
  if (name == "-" || ::stat(name.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    return std::nullopt;
  constexpr int64_t second = 1'000'000'000;
  // The coarsest time stamps of any file system (FAT).
  constexpr auto granularity = 2 * second;
  auto modified = info.st_mtim.tv_sec * second + info.st_mtim.tv_nsec;
  file_stamp stamp{static_cast<uint64_t>(info.st_size), {}};
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec * second + now.tv_nsec - modified >= granularity)
    stamp.modified_ns = modified;
  return stamp;
}

caf::expected<std::string>
hash_of_list(const std::string& name, read_monitor& monitor) {
  auto bytes = open_stored_list(name, monitor);
  if (!bytes)
    return bytes.error();
  list_digest digest;
  std::vector<char> buffer(256 * 1024);
  for (;;) {
    auto count = (*bytes)->read(buffer);
    if (!count)
      return count.error();
    if (*count == 0)
      return digest.finish();
    digest.add({buffer.data(), *count});
  }
}

} // namespace sluice
