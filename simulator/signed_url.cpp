#include "simulator/signed_url.hpp"

#include <charconv>

namespace sluice::sim {

namespace {

constexpr std::string_view extension = ".jsonl.lz4";

std::string
signature_of(std::string_view run_id, int64_t expires, const chance& dice) {
  auto subject = mix(hash_of(run_id), static_cast<uint64_t>(expires));
  return std::to_string(dice.bits(draw::file_tag, subject));
}

} // namespace

std::string
sign_file(std::string_view run_id, sim_time now, const chance& dice) {
  auto expires = (now + link_lifetime).count();
  std::string out{run_id};
  out += extension;
  out += "?expires=" + std::to_string(expires);
  out += "&signature=" + signature_of(run_id, expires, dice);
  return out;
}

std::optional<std::string>
read_signed_file(std::string_view file, std::string_view expires,
                 std::string_view signature, sim_time now, const chance& dice) {
  if (!file.ends_with(extension))
    return std::nullopt;
  auto run_id = file.substr(0, file.size() - extension.size());
  int64_t end = 0;
  auto read =
    std::from_chars(expires.data(), expires.data() + expires.size(), end);
  if (read.ec != std::errc{} || read.ptr != expires.data() + expires.size()
      || signature != signature_of(run_id, end, dice) || now.count() > end)
    return std::nullopt;
  return std::string{run_id};
}

} // namespace sluice::sim
