#include "core/api/submit_proof.hpp"

#include <openssl/rand.h>

#include <array>

namespace sluice {

namespace {

/// Prefixes the length, so that different lists of parts never look alike.
void add_part(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

} // namespace

caf::expected<std::string> random_uuid() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return make_error(ec::internal, "the system provides no random numbers for "
                                    "an idempotency key");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40); // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80); // variant
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

sha256_digest hash_of(const http_request& request) {
  std::string head;
  add_part(head, request.method);
  add_part(head, request.url);
  add_part(head, request.content_type);
  for (const auto& [name, value] : request.headers) {
    add_part(head, name);
    add_part(head, value);
  }
  return sha256({head, "\n", request.body});
}

} // namespace sluice
