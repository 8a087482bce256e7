// Computes the identity of a capture (capture_page.hpp).

#pragma once

#include "core/model/capture_page.hpp"

#include <string_view>

struct evp_md_ctx_st;

namespace sluice {

/// Computes identities, reusing one OpenSSL context.
class identity_hasher {
public:
  /// What the identity is computed from. It is part of the hash, so that the id
  /// 1, the id "1" and the capture `1` have different identities.
  enum class source : char { text_id = 's', number_id = 'n', bytes = 'c' };

  identity_hasher();
  ~identity_hasher();
  identity_hasher(const identity_hasher&) = delete;
  identity_hasher& operator=(const identity_hasher&) = delete;

  [[nodiscard]] capture_identity hash(source from, std::string_view data);

private:
  evp_md_ctx_st* context_;
};

} // namespace sluice
