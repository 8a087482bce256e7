// One exchange while its reply is being read: turns the bytes of a connection
// into an http_reply, within limits. `http_transport` feeds it; it knows
// nothing about the connection itself.

#pragma once

#include "core/http/http_message.hpp"
#include "core/http/reply_framing.hpp"

#include <chrono>
#include <span>
#include <string_view>

namespace sluice {

class http_exchange {
public:
  using clock = std::chrono::steady_clock;

  /// Without a receiver, the body is stored in the reply.
  http_exchange(std::string_view method, size_t max_body,
                const body_receiver* receiver)
      : max_body_{max_body}, receiver_{receiver}, framing_{method} {}

  /// Consumes received bytes from the front of `input`, up to the reply's end.
  void on_bytes(std::string_view& input);

  /// Memory for the next bytes, if they are part of the body and nothing else:
  /// receive into it, then call `on_received`. Empty if they must be passed to
  /// `on_bytes`. At most as large as what was received before, or 256 KiB: a
  /// server that only announces a large body gets no memory for it.
  [[nodiscard]] std::span<char> body_room();
  void on_received(size_t size);

  /// The server closed the connection.
  void on_close() { framing_.on_close(); }

  /// True if the reply has ended or was abandoned: read nothing more.
  [[nodiscard]] bool is_over() const {
    return framing_.ended() || too_large_ || unwanted_ || overflowed_;
  }

  /// Returns how the exchange ended: complete, broken or too_large. Undoes the
  /// body's Content-Encoding. If the body cannot be decoded, the reply is
  /// broken, unless the head declared where the body ends: then the body is
  /// what the server sent, and is left as it is.
  [[nodiscard]] transport_outcome finish();

  /// Moves the reply out.
  [[nodiscard]] http_reply take();

  /// What is wrong with the reply, to follow "the reply from NAME "; empty if
  /// it merely did not end.
  [[nodiscard]] std::string defect() const;

  [[nodiscard]] clock::time_point began() const { return began_; }

  /// True if the body goes to the receiver.
  [[nodiscard]] bool receives() const { return receives_; }

  /// Bytes of the body received so far.
  [[nodiscard]] uint64_t received() const { return received_; }

  /// True if the connection can carry another exchange.
  [[nodiscard]] bool keeps_connection() const {
    return framing_.complete() && framing_.keeps_connection();
  }

private:
  void on_head();
  void on_body(std::string_view piece);
  void trim_body();
  [[nodiscard]] bool unpack();
  [[nodiscard]] size_t max_bytes() const;
  [[nodiscard]] uint64_t most_received() const;

  clock::time_point began_ = clock::now();
  size_t max_body_;
  const body_receiver* receiver_;
  reply_framing framing_;
  http_reply reply_; ///< its body may end with unused bytes
  uint64_t received_ = 0;
  uint64_t total_ = 0; ///< bytes taken, heads and chunk sizes included
  bool receives_ = false;
  bool packed_ = false;     ///< the body must be decompressed
  bool unwanted_ = false;   ///< the receiver declined more
  bool too_large_ = false;  ///< the body is too large, or was announced to be
  bool overflowed_ = false; ///< too many bytes besides the body
};

} // namespace sluice
