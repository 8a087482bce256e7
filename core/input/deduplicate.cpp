#include "core/input/deduplicate.hpp"

#include <xxhash.h>

#include <unistd.h>

#include <algorithm>
#include <array>

namespace sluice {

namespace {

constexpr size_t partition_count = 512;
constexpr size_t hashes_per_chunk = 128;

struct placed_hash {
  uint64_t low;
  uint64_t high;
  uint64_t place;
};

size_t partition_of(const placed_hash& hash) noexcept {
  return hash.high % partition_count;
}

/// The pass that handles a hash, if its partition needs several. Independent of
/// the bits that choose the partition and the slot in the table.
uint64_t pass_of(const placed_hash& hash, uint64_t passes) noexcept {
  return (hash.high >> 32) % passes;
}

/// The hashes of one partition that do not fill a chunk yet, and where its
/// chunks are in the file.
struct partition {
  std::vector<placed_hash> waiting;
  std::vector<uint32_t> chunks;
};

/// An open-addressing hash set, reused after `clear`.
class hash_table {
public:
  void clear() {
    std::fill(slots_.begin(), slots_.end(), slot{});
    size_ = 0;
  }

  [[nodiscard]] size_t size() const noexcept { return size_; }

  /// False if the hash was present already.
  bool insert(const placed_hash& hash) {
    if (size_ >= slots_.size() / 4 * 3)
      grow();
    // All zeros mark an empty slot, so the hash that is all zeros is changed.
    slot wanted{hash.low, hash.high == 0 && hash.low == 0 ? 1 : hash.high};
    auto& found = slot_for(wanted);
    if (found == wanted)
      return false;
    found = wanted;
    ++size_;
    return true;
  }

private:
  struct slot {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const slot&) const = default;
  };

  /// The slot of `wanted`, or the empty slot where it belongs.
  slot& slot_for(const slot& wanted) {
    auto mask = slots_.size() - 1;
    auto i = wanted.low & mask;
    while (slots_[i] != wanted && slots_[i] != slot{})
      i = (i + 1) & mask;
    return slots_[i];
  }

  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (auto& used : old)
      if (used != slot{})
        slot_for(used) = used;
  }

  std::vector<slot> slots_ = std::vector<slot>(1024); ///< a power of two
  size_t size_ = 0;
};

} // namespace

struct deduplicator::state {
  state(temp_file temporary, size_t at_once, uint64_t random_seed)
      : file{std::move(temporary)}, hashes_at_once{at_once}, seed{random_seed} {
    for (auto& part : partitions)
      part.waiting.reserve(hashes_per_chunk);
  }

  caf::error write_chunk(partition& part) {
    auto bytes = reinterpret_cast<const char*>(part.waiting.data());
    if (auto err = file.append({bytes, chunk_bytes}))
      return err;
    part.chunks.push_back(chunks_written++);
    part.waiting.clear();
    return caf::none;
  }

  caf::error read_chunk(uint32_t number, std::vector<placed_hash>& into) const {
    into.resize(hashes_per_chunk);
    auto got =
      file.read_at(uint64_t{number} * chunk_bytes,
                   {reinterpret_cast<char*>(into.data()), chunk_bytes});
    if (!got)
      return got.error();
    if (*got != chunk_bytes)
      return make_error(ec::disk,
                        "the import's temporary data is truncated; check "
                        "the disk, then run it again");
    return caf::none;
  }

  /// Adds the hashes of one pass to the table; false if there are too many.
  bool look_at(const std::vector<placed_hash>& hashes, uint64_t pass,
               duplicate_set& found) {
    for (auto& hash : hashes)
      if (pass_of(hash, passes) == pass && !table.insert(hash))
        found.add(hash.place);
    return table.size() <= hashes_at_once;
  }

  /// One pass over a partition; false if it has too many hashes. They are
  /// ordered by position, so the first of equal ones comes first.
  caf::expected<bool>
  look_through(const partition& part, uint64_t pass, duplicate_set& found) {
    table.clear();
    for (auto number : part.chunks) {
      if (auto err = read_chunk(number, chunk))
        return err;
      if (!look_at(chunk, pass, found))
        return false;
    }
    return look_at(part.waiting, pass, found);
  }

  static constexpr size_t chunk_bytes = hashes_per_chunk * sizeof(placed_hash);

  temp_file file;
  size_t hashes_at_once;
  uint64_t seed;
  uint64_t count = 0;
  /// Each partition starts with as many passes as the previous one took.
  uint64_t passes = 1;
  uint32_t chunks_written = 0;
  std::array<partition, partition_count> partitions;
  hash_table table;
  std::vector<placed_hash> chunk;
};

deduplicator::deduplicator(std::unique_ptr<state> s) : state_{std::move(s)} {}

deduplicator::~deduplicator() = default;

caf::expected<std::unique_ptr<deduplicator>>
deduplicator::create(const std::filesystem::path& directory,
                     size_t hashes_at_once) {
  auto file = temp_file::create(directory);
  if (!file)
    return file.error();
  uint64_t seed = 0;
  if (::getentropy(&seed, sizeof seed) != 0)
    return make_error(ec::internal, "the system provides no random numbers");
  return std::unique_ptr<deduplicator>{new deduplicator{
    std::make_unique<state>(std::move(*file), hashes_at_once, seed)}};
}

caf::error deduplicator::add(std::string_view url) {
  auto hash = XXH3_128bits_withSeed(url.data(), url.size(), state_->seed);
  placed_hash placed{hash.low64, hash.high64, state_->count++};
  auto& part = state_->partitions[partition_of(placed)];
  part.waiting.push_back(placed);
  return part.waiting.size() < hashes_per_chunk ? caf::none
                                                : state_->write_chunk(part);
}

caf::expected<duplicate_set>
deduplicator::finish(const std::function<bool()>& keep_going) {
  duplicate_set found{state_->count};
  for (auto& part : state_->partitions) {
    for (uint64_t pass = 0; pass < state_->passes;) {
      if (!keep_going())
        return make_error(ec::interrupted,
                          "interrupted while looking for duplicates");
      auto fits = state_->look_through(part, pass, found);
      if (!fits)
        return fits.error();
      if (*fits) {
        ++pass;
      } else {
        // Start again; the duplicates found so far remain duplicates.
        state_->passes *= 2;
        pass = 0;
      }
    }
    part = {};
  }
  return found;
}

} // namespace sluice
