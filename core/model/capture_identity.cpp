#include "core/model/capture_identity.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace sluice {

namespace {

/// Fetched once: fetching it for every hash costs more than hashing an id.
const EVP_MD* sha256() {
  static const EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

} // namespace

identity_hasher::identity_hasher() : context_{EVP_MD_CTX_new()} {
  if (context_ == nullptr)
    throw std::bad_alloc{};
}

identity_hasher::~identity_hasher() {
  EVP_MD_CTX_free(context_);
}

capture_identity identity_hasher::hash(source from, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  auto tag = static_cast<char>(from);
  [[maybe_unused]] auto done =
    EVP_DigestInit_ex2(context_, sha256(), nullptr) == 1
    && EVP_DigestUpdate(context_, &tag, 1) == 1
    && EVP_DigestUpdate(context_, data.data(), data.size()) == 1
    && EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1;
  assert(done); // hashing memory with SHA-256 cannot fail
  capture_identity result;
  std::copy_n(digest.begin(), result.size(), result.begin());
  return result;
}

} // namespace sluice
