// Whether another server than the API's, to which a link of the API led, has
// failed a run for too long. Its time runs only while it fails and the API
// answers: a network that is down is nobody's fault there. Pure: the time
// comes in as an argument.

#pragma once

#include "core/base/time.hpp"

namespace sluice {

class failing_link {
public:
  /// So many failures in a row at least, however long it takes.
  static constexpr unsigned least = 3;

  /// That server failed once more. True once it has failed for `patience`, and
  /// since the API could last not be reached, which was at `api_lost_at`.
  [[nodiscard]] bool
  failed(time_point now, time_point api_lost_at, duration patience) noexcept {
    if (failures_ == 0 || since_ <= api_lost_at) {
      failures_ = 0;
      since_ = now;
    }
    ++failures_;
    return failures_ >= least && now - since_ >= patience;
  }

  /// It answered, or something else failed.
  void reset() noexcept { failures_ = 0; }

private:
  unsigned failures_ = 0; ///< in a row
  time_point since_;      ///< the first of them
};

} // namespace sluice
