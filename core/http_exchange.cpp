#include "core/http_exchange.hpp"

#include "core/ascii.hpp"
#include "core/http_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\t') || c == 0x7F;
  });
}

/// The announced length of a body; nullopt when there is none, or not one.
/// `sane` is cleared when the headers contradict each other: where the reply
/// ends would be a matter of taste.
std::optional<uint64_t>
announced_length(const httplib::Headers& headers, bool& sane) {
  std::optional<uint64_t> length;
  auto [begin, end] = headers.equal_range("Content-Length");
  for (auto it = begin; it != end; ++it) {
    uint64_t value = 0;
    auto last = it->second.data() + it->second.size();
    auto [stop, error] = std::from_chars(it->second.data(), last, value);
    if (error != std::errc{} || stop != last || (length && *length != value))
      sane = false;
    length = value;
  }
  if (length && headers.count("Transfer-Encoding") > 0)
    sane = false;
  return length;
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

bool http_exchange::on_head(const httplib::Response& head) {
  reply_.latency = clock::now() - begin_;
  auto length = announced_length(head.headers, sane_);
  framed_ = length || head.has_header("Transfer-Encoding");
  receives_ = receiver_ != nullptr && head.status == 200;
  too_large_ = length.value_or(0) > max_bytes();
  if (!sane_ || too_large_)
    return false;
  if (!receives_)
    reply_.body.reserve(static_cast<size_t>(length.value_or(0)));
  return true;
}

bool http_exchange::on_body(const char* data, size_t size) {
  too_large_ = size > max_bytes() - received_;
  if (too_large_)
    return false;
  received_ += size;
  if (receives_)
    unwanted_ = !receiver_->take({data, size});
  else
    reply_.body.append(data, size);
  return !unwanted_;
}

http_reply http_exchange::take(httplib::Response& response) {
  reply_.status = std::max(response.status, 0);
  for (auto& [key, value] : response.headers)
    reply_.headers.emplace(lower_case(key), std::move(value));
  if (reply_.status > 0 && reply_.latency == duration{0}) // without a body
    reply_.latency = clock::now() - begin_;
  return std::move(reply_);
}

} // namespace sluice
