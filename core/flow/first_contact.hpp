// Whether a job has ever reached its API. One that never has, because there is
// no such host or its certificate is not trusted, would try for ever; one that
// has knows that the address is right, and waits. Pure: the time comes in as
// an argument.

#pragma once

#include "core/base/time.hpp"

#include <optional>

namespace sluice {

class first_contact {
public:
  /// `made`: by an earlier process of the job.
  explicit first_contact(bool made = false) noexcept : made_{made} {}

  /// The API answered.
  void answered() noexcept { made_ = true; }

  /// A request was not answered. `hopeless`: it did not leave, and will not
  /// until somebody acts. True once that alone has lasted for `patience`, and
  /// nothing was ever answered.
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
  std::optional<time_point> since_; ///< nothing but hopeless failures
};

} // namespace sluice
