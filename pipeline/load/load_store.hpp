// The file with a load's state, next to the ledger. One process at a time has
// it; the kernel releases it however the process ends.

#pragma once

#include "core/base/error.hpp"
#include "core/ledger/ledger_lock.hpp"
#include "pipeline/load/load_state.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace sluice {

class load_store {
public:
  /// Locks the state of the load into the sink `sink` and reads it. Errors:
  /// ec::ledger_locked if another process has it; ec::ledger_unusable if it is
  /// not such a state; ec::disk.
  [[nodiscard]] static caf::expected<load_store>
  open(const std::filesystem::path& ledger, std::string_view sink);

  /// As read; nullopt before the first start.
  [[nodiscard]] const std::optional<load_state>& found() const {
    return found_;
  }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// Replaces the state, durably. Errors: ec::disk; then the file has the old
  /// state or the new one (replace_file.hpp).
  [[nodiscard]] caf::error save(const load_state& state) const;

private:
  load_store(ledger_lock lock, std::filesystem::path file,
             std::optional<load_state> found);

  ledger_lock lock_;
  std::filesystem::path file_;
  std::optional<load_state> found_;
};

} // namespace sluice
