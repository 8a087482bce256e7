// Moves a job to a new API address. The job's runs show whether it is the same
// API. A step of relocate.hpp.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/job_store.hpp"

#include <string>
#include <vector>

namespace sluice {

class api_move {
public:
  /// REQUIRES: both outlive this object.
  api_move(job_store& store, const api_settings& api)
      : store_{store}, api_{api} {}

  /// Asks the API for open runs until it knows one, or for finished runs if
  /// none is open. A different API that uses the same ids is not detected.
  /// Errors: ec::usage if it knows none of them, and those of the API and the
  /// ledger.
  [[nodiscard]] caf::error check();

  /// What `check` found, line by line.
  [[nodiscard]] const std::string& text() const { return text_; }

  /// If there was no run to ask for, holds submits without a reply: they must
  /// not be repeated at an API that may be a different one. Call after `check`.
  [[nodiscard]] caf::error hold_unsure();

private:
  [[nodiscard]] caf::expected<std::string>
  find_known(const std::vector<std::string>& runs) const;
  [[nodiscard]] caf::error tell_unsure();

  job_store& store_;
  const api_settings& api_;
  std::string text_;
  bool holds_unsure_ = false;
};

} // namespace sluice
