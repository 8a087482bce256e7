#include "core/http/http_exchange.hpp"

#include "core/http/content_coding.hpp"
#include "core/http/growing_body.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// gzip enlarges small and random bodies.
constexpr uint64_t packing_overhead = 64 * 1024;

/// A body gets this much memory before more of it has arrived.
constexpr uint64_t first_room = 256 * 1024;

/// Fewer bytes than this are not worth a call of their own.
constexpr uint64_t least_room = 16 * 1024;

/// True for the list headers that sluice reads.
bool is_list(std::string_view name) {
  return name == "ratelimit";
}

} // namespace

void http_exchange::on_bytes(std::string_view& input) {
  total_ += input.size();
  while (!input.empty() && !is_over()) {
    auto had_head = framing_.has_head();
    auto piece = framing_.take(input);
    if (framing_.has_head() && !had_head)
      on_head();
    if (!piece.empty())
      on_body(piece);
  }
  // A server may send each byte as a separate chunk, but only up to this limit.
  constexpr uint64_t any_overhead = 1 << 20;
  overflowed_ = !is_over() && total_ > 2 * max_bytes() + any_overhead;
}

void http_exchange::on_head() {
  const auto& head = framing_.head();
  reply_.status = head.status;
  reply_.latency = clock::now() - began_;
  reply_.received = std::chrono::system_clock::now();
  receives_ = receiver_ != nullptr && head.status == 200;
  packed_ = !receives_ && is_gzip(head);
  auto length = framing_.length().value_or(0);
  too_large_ = length > most_received();
  if (!too_large_ && !receives_)
    reply_.body.reserve(static_cast<size_t>(length));
}

std::span<char> http_exchange::body_room() {
  auto left = framing_.body_left();
  if (receives_ || left < least_room || left > most_received() - received_)
    return {};
  auto& body = reply_.body;
  auto room = std::min(left, std::max(first_room, received_));
  auto end = static_cast<size_t>(received_ + room);
  if (body.size() < end) {
    reserve_body(body, end, static_cast<size_t>(most_received()));
    body.resize(end);
  }
  return std::span{body}.subspan(static_cast<size_t>(received_),
                                 static_cast<size_t>(room));
}

void http_exchange::on_received(size_t size) {
  total_ += size;
  received_ += size;
  framing_.skip_body(size);
}

/// Drops the unused room at the end of the body.
void http_exchange::trim_body() {
  if (reply_.body.size() > received_)
    reply_.body.resize(static_cast<size_t>(received_));
}

void http_exchange::on_body(std::string_view piece) {
  too_large_ = piece.size() > most_received() - received_;
  if (too_large_)
    return;
  if (receives_) {
    unwanted_ = !receiver_->take(piece);
  } else {
    trim_body();
    append_to_body(reply_.body, piece, most_received());
  }
  received_ += piece.size();
}

transport_outcome http_exchange::finish() {
  trim_body();
  auto whole = framing_.complete() && !unwanted_ && !too_large_ && unpack();
  if (too_large_)
    return transport_outcome::too_large;
  return whole ? transport_outcome::complete : transport_outcome::broken;
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
  reply_.framed = framing_.framed();
  const auto& head = framing_.head();
  for (const auto& [name, value] : head.fields)
    reply_.headers.emplace(name, is_list(name) ? head.list_of(name) : value);
  return std::move(reply_);
}

std::string http_exchange::defect() const {
  if (too_large_)
    return "is larger than " + std::to_string(max_bytes()) + " bytes";
  if (framing_.defect() != nullptr)
    return framing_.defect();
  if (overflowed_)
    return "has an overlong encoding";
  return unwanted_ ? "was abandoned by its receiver" : "";
}

size_t http_exchange::max_bytes() const {
  return receives_ ? receiver_->max_bytes : max_body_;
}

uint64_t http_exchange::most_received() const {
  return packed_ ? max_bytes() + packing_overhead : max_bytes();
}

} // namespace sluice
