// Groups the stream of URLs into batches of one robot each.

#pragma once

#include "core/model/import_target.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class url_batcher {
public:
  /// Maximum bytes held in incomplete batches. Beyond that, the largest of them
  /// is handed over early.
  static constexpr size_t most_waiting = 8 * 1024 * 1024;

  /// `robots` is indexed by number; `target` must outlive the batcher.
  url_batcher(std::vector<std::string> robots, uint32_t urls_per_batch,
              import_target& target);

  /// Adds a URL for robot number `robot`. Errors: those of the target.
  [[nodiscard]] caf::error add(uint32_t robot, std::string_view url);

  /// Hands over all incomplete batches, in order of robot number.
  [[nodiscard]] caf::error flush();

  /// The number of batches handed over.
  [[nodiscard]] uint64_t batches() const noexcept { return batches_; }

private:
  struct open_batch {
    std::string text; ///< the URLs, concatenated
    std::vector<size_t> ends;
  };

  [[nodiscard]] caf::error hand_over(uint32_t robot);
  [[nodiscard]] uint32_t largest() const noexcept;

  std::vector<std::string> robots_;
  uint32_t urls_per_batch_;
  import_target& target_;
  std::vector<open_batch> open_;
  open_batch spare_; ///< memory to reuse for the next batch
  std::vector<std::string_view> urls_;
  size_t waiting_ = 0;
  uint64_t batches_ = 0;
};

} // namespace sluice
