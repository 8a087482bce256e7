#include "core/base/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace sluice {

namespace {

std::string hex(const unsigned char* bytes, size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

} // namespace

sha256_digest sha256(std::initializer_list<std::string_view> parts) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
    EVP_MD_CTX_new(), EVP_MD_CTX_free};
  sha256_digest bytes;
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (auto part : parts)
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), bytes.data(), nullptr);
  return bytes;
}

std::string sha256_hex(std::initializer_list<std::string_view> parts) {
  auto bytes = sha256(parts);
  return hex(bytes.data(), bytes.size());
}

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       bytes.data(), &size);
  return hex(bytes.data(), size);
}

} // namespace sluice
