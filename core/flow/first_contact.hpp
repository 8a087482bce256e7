// Decides when a job that has never reached its API should stop: with a wrong
// host name or an untrusted certificate, it would retry forever. Once the API
// has answered, its address is right, and the job waits out any failure.
// `api_pool` reports each reply here. Pure: the time is an argument.

#pragma once

#include "core/base/time.hpp"

#include <optional>

namespace sluice {

class first_contact {
public:
  /// `made`: an earlier process of the job reached the API.
  explicit first_contact(bool made = false) noexcept : made_{made} {}

  /// The API answered.
  void answered() noexcept { made_ = true; }

  /// A request got no answer. `hopeless`: it was not sent, and retrying is
  /// useless until the user acts. True if only such failures have occurred for
  /// `patience` and the API has never answered.
  [[nodiscard]] bool
  failed(time_point now, bool hopeless, duration patience) noexcept {
    if (made_ || !hopeless) {
      since_.reset();
      return false;
    }
    if (!since_)
      since_ = now;
    return now - *since_ >= patience;
  }

private:
  bool made_;
  std::optional<time_point> since_; ///< only hopeless failures since then
};

} // namespace sluice
