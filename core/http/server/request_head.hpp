// Reads the head of an HTTP/1 request as its bytes come, and decides whether
// it is served: its size is bounded and its form is that of RFC 9112, taken
// strictly. The HTTP library sees no head that was not read here first. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::web {

/// With all that ends lines.
inline constexpr size_t most_head_bytes = 64 << 10;
/// Without what ends it.
inline constexpr size_t most_line_bytes = 8 << 10;
inline constexpr size_t most_head_fields = 100;

/// Why a request is not served, in words for its client.
struct refusal {
  int status = 400;
  const char* reason = "";
};

enum class head_state { incomplete, complete, refused };

class request_head {
public:
  /// A body of more than `most_body` bytes is refused.
  explicit request_head(uint64_t most_body = 1 << 20) : most_body_{most_body} {}

  /// `bytes` are all that came of the request: those of the call before, and
  /// more. None is looked at twice.
  head_state read(std::string_view bytes);

  [[nodiscard]] head_state state() const { return state_; }

  /// REQUIRES: refused.
  [[nodiscard]] const refusal& why() const { return why_; }

  // REQUIRES of all that follows: complete.

  /// Bytes of the head; what comes after them is the body.
  [[nodiscard]] size_t size() const { return line_; }
  /// The head as it is handed on, from the `bytes` that were read: a target
  /// that names its host is split into path and Host, and fields that the
  /// library would act on but this server does not support are dropped.
  [[nodiscard]] std::string handed_on(std::string_view bytes) const;

  [[nodiscard]] bool is_chunked() const { return chunked_; }
  /// Bytes of a body that is not chunked.
  [[nodiscard]] uint64_t body_size() const { return length_; }
  /// The client wants no further request on the connection.
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

  size_t line_ = 0;    ///< where the line under way begins
  size_t scanned_ = 0; ///< bytes that were looked at

  bool has_request_line_ = false;
  part method_;
  part path_;
  part authority_; ///< of a target that names its host
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
