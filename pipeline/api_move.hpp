// A job whose API has another address: whether it is the same API is told by
// the job's runs.

#pragma once

#include "config/settings.hpp"
#include "core/ledger/ledger.hpp"

#include <string>
#include <vector>

namespace sluice {

class api_move {
public:
  /// REQUIRES: both outlive this object.
  api_move(ledger& store, const api_settings& api) : store_{store}, api_{api} {}

  /// Asks the API for open runs until it knows one, or for runs that are done
  /// if none is open. Another one that gives the same ids would take the job's
  /// runs for its own. Errors: ec::usage when it knows none of them, and those
  /// of the API and the ledger.
  [[nodiscard]] caf::error check();

  /// What `check` has found, line by line.
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Where there was no run to ask for, submits without a reply are held: they
  /// must not be repeated at what may be another API. After `check`.
  [[nodiscard]] caf::error hold_unsure();

private:
  [[nodiscard]] caf::expected<std::string>
  find_known(const std::vector<std::string>& runs) const;
  [[nodiscard]] caf::error tell_unsure();

  ledger& store_;
  const api_settings& api_;
  std::string text_;
  bool holds_unsure_ = false;
};

} // namespace sluice
