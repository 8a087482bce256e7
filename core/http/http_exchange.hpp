// One exchange while its reply is read: from the bytes of a connection to an
// http_reply, within limits. It knows no connection.

#pragma once

#include "core/http/http_message.hpp"
#include "core/http/reply_framing.hpp"

#include <chrono>
#include <string_view>

namespace sluice {

class http_exchange {
public:
  using clock = std::chrono::steady_clock;

  /// Without a receiver the body goes into the reply.
  http_exchange(std::string_view method, size_t max_body,
                const body_receiver* receiver)
      : max_body_{max_body}, receiver_{receiver}, framing_{method} {}

  /// Takes what came, off the front of `input`, as far as it is of the reply.
  void on_bytes(std::string_view& input);

  /// The server ended the connection.
  void on_close() { framing_.on_close(); }

  /// Nothing more is to be read: the reply has ended, or is given up.
  [[nodiscard]] bool is_over() const {
    return framing_.ended() || too_large_ || unwanted_ || overflowed_;
  }

  /// How it ended: complete, broken or too_large. Undoes the body's
  /// Content-Encoding. A body that is damaged and has no length of its own may
  /// have been cut short, so the reply is broken; one of the right length that
  /// is damaged is what the server sent, and stays as it came.
  [[nodiscard]] transport_outcome finish();

  /// Moves the reply out.
  [[nodiscard]] http_reply take();

  /// What was wrong with the reply, for "the reply of NAME …"; empty when it
  /// did not end.
  [[nodiscard]] std::string defect() const;

  [[nodiscard]] clock::time_point began() const { return began_; }

  /// The body goes to the receiver.
  [[nodiscard]] bool receives() const { return receives_; }

  /// Bytes of the body so far.
  [[nodiscard]] uint64_t received() const { return received_; }

  /// The connection may carry another exchange.
  [[nodiscard]] bool keeps_connection() const {
    return framing_.complete() && framing_.keeps_connection();
  }

private:
  void on_head();
  void on_body(std::string_view piece);
  [[nodiscard]] bool unpack();
  [[nodiscard]] size_t max_bytes() const;
  [[nodiscard]] uint64_t most_received() const;

  clock::time_point began_ = clock::now();
  size_t max_body_;
  const body_receiver* receiver_;
  reply_framing framing_;
  http_reply reply_;
  uint64_t received_ = 0;
  uint64_t total_ = 0; ///< bytes taken, heads and chunk sizes included
  bool receives_ = false;
  bool packed_ = false;     ///< the body is to be unpacked
  bool unwanted_ = false;   ///< the receiver wants no more
  bool too_large_ = false;  ///< the body is, or says that it will be
  bool overflowed_ = false; ///< what goes beside the body is too much
};

} // namespace sluice
