#include "core/http_exchange.hpp"

#include "core/content_coding.hpp"
#include "core/growing_body.hpp"
#include "core/http_url.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

/// gzip makes small and random bodies larger.
constexpr uint64_t packing_overhead = 64 * 1024;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\t') || c == 0x7F;
  });
}

} // namespace

const char* defect_of(const http_request& request) {
  if (!origin_of(request.url))
    return "the address is no http or https URL";
  if (has_control(request.url) || request.url.find(' ') != std::string::npos)
    return "the address holds a space or control character";
  for (const auto& [name, value] : request.headers)
    if (has_control(name) || has_control(value))
      return "a header holds a control character; check api.key";
  return nullptr;
}

httplib::Request to_httplib(const http_request& request) {
  httplib::Request result;
  result.method = request.method;
  result.path = target_of(request.url);
  result.body = request.body;
  for (const auto& [name, value] : request.headers)
    result.headers.emplace(name, value);
  if (!request.content_type.empty())
    result.headers.emplace("Content-Type", request.content_type);
  for (auto [name, value] : {std::pair{"Accept", "application/json"},
                             std::pair{"Accept-Encoding", "gzip"},
                             std::pair{"User-Agent", "sluice"}})
    if (!result.has_header(name))
      result.headers.emplace(name, value);
  return result;
}

bool http_exchange::on_head() {
  note_arrival();
  const auto& head = framing_.head();
  receives_ = receiver_ != nullptr && head.status == 200;
  packed_ = !receives_ && is_gzip(head);
  auto length = framing_.length().value_or(0);
  too_large_ = length > most_received();
  if (!too_large_ && !receives_)
    reply_.body.reserve(static_cast<size_t>(length));
  return !too_large_;
}

bool http_exchange::on_body(const char* data, size_t size) {
  too_large_ = size > most_received() - received_;
  if (too_large_)
    return false;
  received_ += size;
  if (receives_)
    unwanted_ = !receiver_->take({data, size});
  else
    append_to_body(reply_.body, {data, size}, most_received());
  return !unwanted_;
}

bool http_exchange::unpack() {
  if (!packed_ || reply_.body.empty()) {
    end_body(reply_.body);
    return true;
  }
  auto result = unpack_gzip(reply_.body, max_body_);
  too_large_ = result == unpacking::too_large;
  return result != unpacking::damaged || framing_.framed();
}

http_reply http_exchange::take() {
  if (!framing_.has_head())
    return std::move(reply_);
  if (reply_.status == 0) // it has no body
    note_arrival();
  for (const auto& [name, value] : framing_.head().fields)
    reply_.headers.emplace(name, value);
  return std::move(reply_);
}

void http_exchange::note_arrival() {
  reply_.status = framing_.head().status;
  reply_.latency = clock::now() - begin_;
  reply_.received = std::chrono::system_clock::now();
}

uint64_t http_exchange::most_received() const {
  return packed_ ? max_bytes() + packing_overhead : max_bytes();
}

} // namespace sluice
