// One exchange while it runs: the request as cpp-httplib wants it, and what
// its callbacks collect of the reply.

#pragma once

#include "core/http_message.hpp"

#include <httplib.h>

#include <chrono>

namespace sluice {

/// What would break out of `request`'s head, or keep it from being one, in a
/// sentence; nullptr when nothing does.
[[nodiscard]] const char* defect_of(const http_request& request);

/// REQUIRES: no defect.
[[nodiscard]] httplib::Request to_httplib(const http_request& request);

class http_exchange {
public:
  using clock = std::chrono::steady_clock;

  /// Without a receiver the body goes into the reply.
  http_exchange(size_t max_body, const body_receiver* receiver)
      : max_body_{max_body}, receiver_{receiver} {}

  /// The reply's head is there; false: its body is not wanted.
  bool on_head(const httplib::Response& head);

  /// A part of the body; false: it exceeds the cap, or nobody wants it.
  bool on_body(const char* data, size_t size);

  /// Moves the reply out, with headers and status from `response`.
  [[nodiscard]] http_reply take(httplib::Response& response);

  [[nodiscard]] clock::time_point begin() const { return begin_; }

  /// The body goes to the receiver.
  [[nodiscard]] bool receives() const { return receives_; }

  /// Bytes of the body so far.
  [[nodiscard]] uint64_t received() const { return received_; }

  /// What the body may have.
  [[nodiscard]] size_t max_bytes() const {
    return receives_ ? receiver_->max_bytes : max_body_;
  }

  /// The receiver wanted no more of the body.
  [[nodiscard]] bool unwanted() const { return unwanted_; }

  /// The body exceeds the cap, or says that it will.
  [[nodiscard]] bool too_large() const { return too_large_; }

  /// The headers agree on where the body ends.
  [[nodiscard]] bool sane() const { return sane_; }

  /// The headers say where the body ends; else the connection's end does.
  [[nodiscard]] bool framed() const { return framed_; }

private:
  clock::time_point begin_ = clock::now();
  size_t max_body_;
  const body_receiver* receiver_;
  http_reply reply_;
  uint64_t received_ = 0;
  bool receives_ = false;
  bool unwanted_ = false;
  bool too_large_ = false;
  bool sane_ = true;
  bool framed_ = false;
};

} // namespace sluice
