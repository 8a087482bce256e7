#include "core/base64.hpp"

#include <openssl/evp.h>

namespace sluice {

std::string base64(std::string_view bytes) {
  std::string result(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  auto size =
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
  result.resize(static_cast<size_t>(size));
  return result;
}

} // namespace sluice
