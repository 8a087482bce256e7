// The identity of a URL list as it is now (core/model/list_identity.hpp).

#pragma once

#include "core/base/byte_source.hpp"
#include "core/model/list_identity.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The hash of bytes that come in pieces.
class list_digest {
public:
  list_digest();
  ~list_digest();
  list_digest(const list_digest&) = delete;
  list_digest& operator=(const list_digest&) = delete;

  void add(std::string_view bytes);
  /// 16 bytes.
  [[nodiscard]] std::string finish() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The stamp of a file as it is now; nullopt for "-", for what is no regular
/// file, and for what cannot be looked at.
[[nodiscard]] std::optional<file_stamp> stamp_of(const std::string& name);

/// Reads a whole list for its hash. Errors: as of `open_list`.
[[nodiscard]] caf::expected<std::string>
hash_of_list(const std::string& name, read_monitor& monitor);

} // namespace sluice
