// A sink that wraps another one and counts and times what passes through, for
// the status page and metrics.

#pragma once

#include "actors/sinks/sink.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/checkpoint.hpp"

#include <prometheus/histogram.h>

#include <memory>
#include <mutex>
#include <string>

namespace sluice {

/// The state of a sink at one instant.
struct sink_view {
  std::string name;
  uint64_t captures = 0;      ///< acknowledged since this start
  uint64_t capture_bytes = 0; ///< of these pages
  uint64_t committed = 0;     ///< captures as of its last checkpoint
  uint64_t failures = 0;      ///< of writes and checkpoints
  uint64_t dead_letters = 0;  ///< since the job began
  bool waits = false;         ///< the last attempt failed
  std::string reason;         ///< why, printable
  prometheus::ClientMetric write_seconds;
};

/// How many of the `handed` captures the sink has not acknowledged.
[[nodiscard]] inline uint64_t lag_of(const sink_view& sink, uint64_t handed) {
  return handed > sink.captures ? handed - sink.captures : 0;
}

/// `snapshot` may be called from any thread.
class watched_sink final : public sink {
public:
  watched_sink(std::string name, std::shared_ptr<sink> target);

  [[nodiscard]] caf::error
  open(const std::optional<sink_position>& committed) override;
  [[nodiscard]] caf::error write(const capture_page& page) override;
  [[nodiscard]] caf::expected<sink_position> checkpoint() override;
  [[nodiscard]] caf::error close() override;
  [[nodiscard]] uint64_t dead_letters() const override;

  [[nodiscard]] sink_view snapshot() const;

private:
  void note(const caf::error& outcome);

  std::shared_ptr<sink> target_;
  prometheus::Histogram seconds_;
  mutable std::mutex mutex_;
  sink_view view_; ///< without the histogram
};

} // namespace sluice
