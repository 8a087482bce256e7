// Reads the head of an HTTP/1 request incrementally and decides whether to
// serve it: its size is limited, and it must strictly follow RFC 9112. The HTTP
// library only sees heads that were validated here first. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::web {

/// Including all line ends.
inline constexpr size_t most_head_bytes = 64 << 10;
/// Excluding the line end.
inline constexpr size_t most_line_bytes = 8 << 10;
inline constexpr size_t most_head_fields = 100;

/// Why a request is not served, as shown to the client.
struct refusal {
  int status = 400;
  const char* reason = "";
};

enum class head_state { incomplete, complete, refused };

class request_head {
public:
  /// A body of more than `most_body` bytes is refused.
  explicit request_head(uint64_t most_body = 1 << 20) : most_body_{most_body} {}

  /// `bytes` are all bytes of the request so far: those of the previous call
  /// plus new ones. No byte is scanned twice.
  head_state read(std::string_view bytes);

  [[nodiscard]] head_state state() const { return state_; }

  /// REQUIRES: refused.
  [[nodiscard]] const refusal& why() const { return why_; }

  // REQUIRES for everything below: complete.

  /// Size of the head in bytes; the body follows it.
  [[nodiscard]] size_t size() const { return line_; }
  /// The head to pass to the library, made from the `bytes` read: a target that
  /// names a host is split into path and Host, and fields that the library
  /// would act on but this server does not support are dropped.
  [[nodiscard]] std::string handed_on(std::string_view bytes) const;

  [[nodiscard]] bool is_chunked() const { return chunked_; }
  /// Size in bytes of a body that is not chunked.
  [[nodiscard]] uint64_t body_size() const { return length_; }
  /// True if the client wants no further request on this connection.
  [[nodiscard]] bool closes() const { return closes_ || version_ == 0; }

private:
  struct part {
    size_t begin = 0;
    size_t size = 0;
  };

  void take_line(std::string_view line);
  void take_request_line(std::string_view line);
  void take_target(std::string_view target, size_t begin);
  void take_field(std::string_view line);
  void take_host(std::string_view value);
  void take_length(std::string_view value);
  void take_coding(std::string_view value);
  void finish();
  void refuse(int status, const char* reason);

  uint64_t most_body_;
  head_state state_ = head_state::incomplete;
  refusal why_;

  size_t line_ = 0;    ///< where the current line begins
  size_t scanned_ = 0; ///< bytes already scanned

  bool has_request_line_ = false;
  part method_;
  part path_;
  part authority_; ///< of a target that names a host
  size_t fields_begin_ = 0;
  int version_ = 1; ///< HTTP/1.x
  size_t fields_ = 0;
  bool has_host_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool closes_ = false;
  uint64_t length_ = 0;
};

} // namespace sluice::web
