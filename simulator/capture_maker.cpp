#include "simulator/capture_maker.hpp"

#include "simulator/chance.hpp"
#include "simulator/json_text.hpp"

#include <charconv>

namespace sluice::sim {

namespace {

constexpr std::string_view fixed_product =
  R"("price":12.340,"stock":1152921504606846977,)"
  R"("weight":0.1000000000000000055,"offset":-0.0,"rating":4.5e+00,)"
  R"("brand":"Größe & Söhne 靴 👟","note":"caf\u00e9 \ud83d\ude00 \"5\/8\" \\ \t",)"
  R"("discount":null,"tags":["été","\u65e5本",[],{},""],)"
  R"("variants":[{"size":"41","colors":["red","grün"],"stock":3},)"
  R"({"size":"42½","colors":[],"stock":0}],"description":")";

constexpr std::string_view filler =
  "Ein leichter Schuh für jeden Tag, 軽くて丈夫, très souple 🏃, made to last. ";

/// The usual size of ids, a URL and the dialect's members.
constexpr size_t usual_rest = 220;

/// Whole characters of `filler`, at most `bytes` bytes.
std::string filler_of(size_t bytes) {
  std::string out;
  while (out.size() < bytes)
    out += filler;
  while (out.size() > bytes
         || (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80)))
    out.pop_back();
  return out;
}

std::string product_of(uint32_t bytes) {
  auto fixed = fixed_product.size() + usual_rest;
  std::string out{fixed_product};
  out += filler_of(bytes > fixed ? bytes - fixed : 0);
  return out + '"';
}

void append_hex(std::string& out, uint64_t value, int digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  while (digits-- > 0)
    out += alphabet[value >> (4 * digits) & 15];
}

void append_number(std::string& out, uint64_t value) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_uuid(std::string& out, uint64_t key) {
  auto low = mix(key, 1);
  append_hex(out, key >> 32, 8);
  out += '-';
  append_hex(out, key >> 16, 4);
  out += "-4";
  append_hex(out, key, 3);
  out += "-a";
  append_hex(out, low >> 48, 3);
  out += '-';
  append_hex(out, low, 12);
}

/// A moment in 2026, in ms since 1970.
uint64_t extracted_at(uint64_t key) noexcept {
  return 1'774'874'512'106 + key % 86'400'000;
}

} // namespace

capture_maker::capture_maker(dialect form, uint32_t bytes)
    : form_{form}, product_{product_of(bytes)} {}

void capture_maker::append(std::string& out, const subject& what) const {
  auto key = mix(mix(hash_of(what.run_id), hash_of(what.url)), what.index);
  if (form_ == dialect::legacy)
    append_legacy(out, what, key);
  else
    append_flat(out, what, key);
}

void capture_maker::append_legacy(std::string& out, const subject& what,
                                  uint64_t key) const {
  out += R"({"_id":")";
  append_hex(out, mix(key, 1), 8);
  append_hex(out, key, 16);
  out += R"(","url":")";
  append_json_text(out, what.url);
  out += R"(","data":{"title":"Shoe )";
  append_number(out, key % 100'000);
  out += R"(","sku":"S-)";
  append_hex(out, key >> 20, 8);
  out += R"(",)";
  out += product_;
  out += R"(},"robotId":)";
  append_json_string(out, what.robot);
  out += R"(,"runId":")";
  out += what.run_id;
  out += R"("})";
}

void capture_maker::append_flat(std::string& out, const subject& what,
                                uint64_t key) const {
  auto v0 = form_ == dialect::v0;
  out += R"({"id":")";
  append_uuid(out, key);
  out += R"(","url":")";
  append_json_text(out, what.url);
  out += R"(","extracted_at":)";
  append_number(out, extracted_at(key));
  if (v0)
    out.insert(out.size() - 3, 1, '.');
  out += R"(,"product_id":"P-)";
  append_hex(out, key >> 20, 8);
  out += R"(","group_id":"G-)";
  append_hex(out, key >> 24, 4);
  out += v0 ? R"(","available":true,"sku_count":2,)"
            : R"(","is_available":true,"variant_count":2,)";
  out += product_;
  out += '}';
}

} // namespace sluice::sim
