// Stores valid URLs with their robots in a compressed temporary file, in input
// order, while duplicates are being detected.

#pragma once

#include "core/base/byte_window.hpp"
#include "core/base/temp_file.hpp"

#include <zstd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

struct spooled_url {
  uint32_t robot = 0;   ///< the number given to `add`
  std::string_view url; ///< valid until the next one is read
};

/// Written first, then read once. Errors of all functions: ec::disk.
class url_spool {
public:
  [[nodiscard]] static caf::expected<std::unique_ptr<url_spool>>
  create(const std::filesystem::path& directory);

  /// REQUIRES: `url` is at most max_url_bytes long; `rewind` was not called.
  [[nodiscard]] caf::error add(uint32_t robot, std::string_view url);

  /// Ends writing; `next` then begins at the first URL.
  [[nodiscard]] caf::error rewind();

  /// The next URL; nullopt after the last one.
  [[nodiscard]] caf::expected<std::optional<spooled_url>> next();

private:
  explicit url_spool(temp_file file);
  [[nodiscard]] caf::error compress(ZSTD_EndDirective directive);
  [[nodiscard]] caf::expected<bool> hold(size_t bytes);

  temp_file file_;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compressor_;
  std::string pending_;
  std::unique_ptr<char[]> compressed_;
  std::optional<byte_window> reading_;
};

} // namespace sluice
