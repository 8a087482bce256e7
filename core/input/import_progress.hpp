// Reports the progress of an import, about ten times a second, and hashes each
// list while import.cpp reads it.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/input/import.hpp"
#include "core/input/list_hash.hpp"
#include "core/model/import_target.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

class import_progress : public read_monitor {
public:
  /// `input_bytes`: the size of all lists together, if known. `reading_share`:
  /// the share of the work that is done once they are read.
  import_progress(const import_job& job, const import_counts& counts,
                  std::optional<uint64_t> input_bytes, double reading_share)
      : job_{job},
        counts_{counts},
        input_bytes_{input_bytes},
        reading_share_{reading_share} {}

  bool on_read(std::string_view bytes) override {
    bytes_read_ += bytes.size();
    if (digest_)
      digest_->add(bytes);
    return tell_if_due(share_read());
  }

  /// Starts the hash of another list.
  void begin_list() { digest_.emplace(); }

  /// The hash of the current list. REQUIRES: it was read to its end.
  [[nodiscard]] std::string list_hash() const { return digest_->finish(); }

  /// Reports that `part` (0 to 1) of the work after reading is done.
  bool on_write(double part) {
    return tell_if_due(reading_share_ + part * (1 - reading_share_));
  }

  /// Reports now; false interrupts the import.
  bool tell(double share) {
    last_ = clock::now();
    return !job_.progress || job_.progress(counts_, share);
  }

  [[nodiscard]] double share_read() const {
    if (!input_bytes_)
      return -1;
    if (bytes_read_ >= *input_bytes_)
      return reading_share_;
    return reading_share_ * static_cast<double>(bytes_read_)
           / static_cast<double>(*input_bytes_);
  }

private:
  using clock = std::chrono::steady_clock;

  bool tell_if_due(double share) {
    constexpr std::chrono::milliseconds interval{100};
    return clock::now() - last_ < interval || tell(share);
  }

  const import_job& job_;
  const import_counts& counts_;
  std::optional<uint64_t> input_bytes_;
  double reading_share_;
  uint64_t bytes_read_ = 0;
  std::optional<list_digest> digest_;
  clock::time_point last_{};
};

} // namespace sluice
