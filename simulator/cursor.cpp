#include "simulator/cursor.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstring>

namespace sluice::sim {

namespace {

constexpr size_t payload_size = 3 * 4 + 2 * 8 + 1;
constexpr size_t packed_size = payload_size + 8;
constexpr size_t text_size = (packed_size + 2) / 3 * 4;

using packed_cursor = std::array<unsigned char, packed_size>;

uint64_t tag_of(const packed_cursor& packed, std::string_view run_id,
                const chance& dice) noexcept {
  auto bytes = reinterpret_cast<const char*>(packed.data());
  return dice.bits(draw::cursor_tag,
                   mix(hash_of({bytes, payload_size}), hash_of(run_id)));
}

/// Applies `visit(bytes, size)` to each part of a cursor, in packed order.
template <class Cursor, class Visit>
void for_each_part(Cursor& value, Visit visit) {
  visit(&value.position.url, 4);
  visit(&value.position.offset, 4);
  visit(&value.position.copy, 4);
  visit(&value.position.genuine, 8);
  visit(&value.position.unmatched, 8);
}

} // namespace

std::string
write_cursor(const cursor& value, std::string_view run_id, const chance& dice) {
  packed_cursor packed{};
  auto out = packed.data();
  for_each_part(value, [&](const void* part, size_t size) {
    std::memcpy(out, part, size);
    out += size;
  });
  *out++ = value.repeats ? 1 : 0;
  auto tag = tag_of(packed, run_id, dice);
  std::memcpy(out, &tag, sizeof tag);
  std::array<unsigned char, text_size + 1> text{};
  EVP_EncodeBlock(text.data(), packed.data(), static_cast<int>(packed_size));
  return {reinterpret_cast<const char*>(text.data()), text_size};
}

std::optional<cursor> read_cursor(std::string_view text,
                                  std::string_view run_id, const chance& dice) {
  std::array<unsigned char, text_size> decoded{};
  if (text.size() != text_size
      || EVP_DecodeBlock(decoded.data(),
                         reinterpret_cast<const unsigned char*>(text.data()),
                         static_cast<int>(text_size))
           < static_cast<int>(packed_size))
    return std::nullopt;
  packed_cursor packed{};
  std::memcpy(packed.data(), decoded.data(), packed_size);
  cursor result;
  const unsigned char* in = packed.data();
  for_each_part(result, [&](void* part, size_t size) {
    std::memcpy(part, in, size);
    in += size;
  });
  result.repeats = *in++ != 0;
  uint64_t tag = 0;
  std::memcpy(&tag, in, sizeof tag);
  if (tag != tag_of(packed, run_id, dice))
    return std::nullopt;
  return result;
}

} // namespace sluice::sim
