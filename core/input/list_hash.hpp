// Identifies a URL list as it is now: its stamp and the hash of its bytes
// (core/model/list_identity.hpp). The import stores both; list_changes.hpp
// compares them at the next start. `sluice load` recognises files of captures
// by the same means.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/model/list_identity.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Hashes bytes that arrive in pieces.
class list_digest {
public:
  list_digest();
  ~list_digest();
  list_digest(const list_digest&) = delete;
  list_digest& operator=(const list_digest&) = delete;
  list_digest(list_digest&&) noexcept;
  list_digest& operator=(list_digest&&) noexcept;

  void add(std::string_view bytes);
  /// Returns 16 bytes, the hash of everything so far; more may follow.
  [[nodiscard]] std::string finish() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The current stamp of a file; nullopt for "-", for anything but a regular
/// file, and if stat(2) fails.
[[nodiscard]] std::optional<file_stamp> stamp_of(const std::string& name);

/// Reads the whole list and returns its hash. Errors: as `open_list`.
[[nodiscard]] caf::expected<std::string>
hash_of_list(const std::string& name, read_monitor& monitor);

} // namespace sluice
