// Cuts the stream of URLs into batches, one robot's each.

#pragma once

#include "core/model/import_target.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class url_batcher {
public:
  /// What waits in batches that are not full yet, in bytes. Beyond that, the
  /// largest of them leaves early.
  static constexpr size_t most_waiting = 8 * 1024 * 1024;

  /// `robots` by number; `target` must outlive the batcher.
  url_batcher(std::vector<std::string> robots, uint32_t urls_per_batch,
              import_target& target);

  /// Takes a URL for robot number `robot`. Errors: the target's.
  [[nodiscard]] caf::error add(uint32_t robot, std::string_view url);

  /// Hands over all batches that are not full, by robot number.
  [[nodiscard]] caf::error flush();

  /// Batches handed over.
  [[nodiscard]] uint64_t batches() const noexcept { return batches_; }

private:
  struct open_batch {
    std::string text; ///< the URLs, one behind the other
    std::vector<size_t> ends;
  };

  [[nodiscard]] caf::error hand_over(uint32_t robot);
  [[nodiscard]] uint32_t largest() const noexcept;

  std::vector<std::string> robots_;
  uint32_t urls_per_batch_;
  import_target& target_;
  std::vector<open_batch> open_;
  open_batch spare_; ///< memory for the next batch that is begun
  std::vector<std::string_view> urls_;
  size_t waiting_ = 0;
  uint64_t batches_ = 0;
};

} // namespace sluice
