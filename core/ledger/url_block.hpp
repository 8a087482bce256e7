// A batch's URLs as the ledger keeps them: one zstd frame (with checksum) of
// the URLs, each followed by a newline. Only `sqlite_ledger` packs and unpacks
// it.

#pragma once

#include "core/base/error.hpp"
#include "core/model/url_table.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sluice {

/// Packs blocks, reusing its memory: hold one for many batches.
class url_packer {
public:
  url_packer();

  /// The block of `urls`, valid until the next call.
  /// Errors: ec::internal for an empty URL or one with a newline.
  [[nodiscard]] caf::expected<std::string_view>
  pack(const std::vector<std::string_view>& urls);

private:
  struct freer {
    void operator()(ZSTD_CCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_CCtx_s, freer> context_;
  std::string plain_;
  std::string packed_;
};

/// Unpacks blocks, reusing its memory: hold one for many batches.
class url_unpacker {
public:
  url_unpacker();

  /// The `count` URLs of `block`. Errors: ec::ledger_unusable if it holds
  /// anything else. Allocates no more than `count` URLs may need.
  [[nodiscard]] caf::expected<url_table>
  unpack(std::string_view block, size_t count);

private:
  struct freer {
    void operator()(ZSTD_DCtx_s* context) const noexcept;
  };
  std::unique_ptr<ZSTD_DCtx_s, freer> context_;
};

} // namespace sluice
