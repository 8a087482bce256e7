#include "core/base/base64.hpp"

#include <openssl/evp.h>

namespace sluice {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

std::string base64(std::string_view bytes) {
  std::string result(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  auto size = ::EVP_EncodeBlock(bytes_of(result), bytes_of(bytes),
                                static_cast<int>(bytes.size()));
  result.resize(static_cast<size_t>(size));
  return result;
}

std::string base64_decoded(std::string_view text) {
  std::string padded{text.substr(0, text.find_last_not_of('=') + 1)};
  auto padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  std::string result(padded.size() / 4 * 3, '\0');
  auto size = ::EVP_DecodeBlock(bytes_of(result), bytes_of(padded),
                                static_cast<int>(padded.size()));
  if (size < 0 || padding > 2)
    return {};
  // EVP_DecodeBlock counts the padding as data.
  result.resize(static_cast<size_t>(size) - padding);
  return result;
}

} // namespace sluice
