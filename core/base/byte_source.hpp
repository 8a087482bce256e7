// Bytes of a URL list, wherever they come from: a file or standard input,
// decompressed on the way when the name says so.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// Bytes that are read once, front to back.
class byte_source {
public:
  virtual ~byte_source() = default;
  /// Fills the front of `into` with at least one byte and returns how many;
  /// 0 is the end. REQUIRES: `into` is not empty.
  virtual caf::expected<size_t> read(std::span<char> into) = 0;
};

/// Told of all reading, and asked whether it shall go on.
class read_monitor {
public:
  virtual ~read_monitor() = default;
  /// `bytes` were read from a list, as they lie on the disk, all in their
  /// order; none merely ask. Called at least ten times a second, also while a
  /// pipe has nothing to give. Returning false ends the reading with
  /// ec::interrupted.
  virtual bool on_read(std::string_view bytes) = 0;
};

/// What a read that the monitor ended returns.
[[nodiscard]] caf::error reading_stopped();

enum class compression { none, gzip, zstd, lz4 };

inline constexpr enum_words<compression, 4> compression_words{
  {{"none", compression::none},
   {"gzip", compression::gzip},
   {"zstd", compression::zstd},
   {"lz4", compression::lz4}}};

/// What the extension of `name` says.
[[nodiscard]] compression compression_of(std::string_view name) noexcept;

/// `name` without the extension that `compression_of` goes by.
[[nodiscard]] std::string_view
without_compression(std::string_view name) noexcept;

/// Opens a list; "-" is standard input. `monitor` must outlive the source.
/// Errors: ec::input when it cannot be opened, or is a directory.
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
open_list(const std::string& name, read_monitor& monitor);

/// The same, but its bytes as they lie on the disk.
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
open_stored_list(const std::string& name, read_monitor& monitor);

/// Bytes that the list takes on disk; nullopt for a pipe.
[[nodiscard]] std::optional<uint64_t> size_of_list(const std::string& name);

} // namespace sluice
