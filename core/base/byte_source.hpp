// The bytes of a URL list, from a file or standard input, decompressed
// according to the file name's extension.

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

/// A stream of bytes, read once from front to back.
class byte_source {
public:
  virtual ~byte_source() = default;
  /// Fills the front of `into` with at least one byte and returns how many;
  /// 0 is the end. REQUIRES: `into` is not empty.
  virtual caf::expected<size_t> read(std::span<char> into) = 0;
};

/// Observes all reading and decides whether it goes on.
class read_monitor {
public:
  virtual ~read_monitor() = default;
  /// Called after each read with the raw bytes as stored on disk, in order. A
  /// call with empty `bytes` only asks whether to go on. Called at least ten
  /// times a second, even while a pipe is silent. Return false to stop reading
  /// with ec::interrupted.
  virtual bool on_read(std::string_view bytes) = 0;
};

/// The error that a read returns after the monitor stopped it.
[[nodiscard]] caf::error reading_stopped();

enum class compression { none, gzip, zstd, lz4 };

inline constexpr enum_words<compression, 4> compression_words{
  {{"none", compression::none},
   {"gzip", compression::gzip},
   {"zstd", compression::zstd},
   {"lz4", compression::lz4}}};

/// The compression implied by the extension of `name`.
[[nodiscard]] compression compression_of(std::string_view name) noexcept;

/// `name` without its compression extension, if it has one.
[[nodiscard]] std::string_view
without_compression(std::string_view name) noexcept;

/// Opens a list; "-" is standard input. `monitor` must outlive the source.
/// Errors: ec::input when the list cannot be opened or is a directory.
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
open_list(const std::string& name, read_monitor& monitor);

/// Like `open_list`, but yields the bytes as stored, still compressed.
[[nodiscard]] caf::expected<std::unique_ptr<byte_source>>
open_stored_list(const std::string& name, read_monitor& monitor);

/// The list's size on disk in bytes; nullopt for a pipe.
[[nodiscard]] std::optional<uint64_t> size_of_list(const std::string& name);

} // namespace sluice
