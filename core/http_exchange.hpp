// One exchange while it runs: the request as cpp-httplib wants it, and what
// its callbacks collect of the reply.

#pragma once

#include "core/http_message.hpp"
#include "core/reply_framing.hpp"

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

  /// Without a receiver the body goes into the reply. REQUIRES: `framing`
  /// follows the reply and outlives the exchange.
  http_exchange(size_t max_body, const body_receiver* receiver,
                const reply_framing& framing)
      : max_body_{max_body}, receiver_{receiver}, framing_{framing} {}

  /// The reply's head is there; false: its body is not wanted.
  bool on_head();

  /// A part of the body; false: it exceeds the cap, or nobody wants it.
  bool on_body(const char* data, size_t size);

  /// The whole body is there: undoes its Content-Encoding. False: the body is
  /// damaged and has no length of its own, so it may have been cut short. One
  /// of the right length that is damaged is what the server sent, and stays as
  /// it came.
  bool unpack();

  /// Moves the reply out.
  [[nodiscard]] http_reply take();

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

private:
  void note_arrival();
  [[nodiscard]] uint64_t most_received() const;

  clock::time_point begin_ = clock::now();
  size_t max_body_;
  const body_receiver* receiver_;
  const reply_framing& framing_;
  http_reply reply_;
  uint64_t received_ = 0;
  bool receives_ = false;
  bool packed_ = false; ///< the body is to be unpacked
  bool unwanted_ = false;
  bool too_large_ = false;
};

} // namespace sluice
