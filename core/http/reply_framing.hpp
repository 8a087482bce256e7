// Finds where a reply's head and body begin and end in a connection's bytes, as
// RFC 9112 requires of a client: skips interim replies, reads and drops
// trailers and chunk extensions. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// The head of a final reply.
struct reply_head {
  int status = 0;
  /// In order of arrival, names in lower case.
  std::vector<std::pair<std::string, std::string>> fields;

  /// All values of `name` (in lower case) as one list, RFC 9110 5.3; empty if
  /// there are none.
  [[nodiscard]] std::string list_of(std::string_view name) const;
};

/// Parses one reply. Keeps at most its head and one line in memory.
class reply_framing {
public:
  static constexpr size_t max_line = 8 * 1024;

  /// Limits the final head, and separately the sum of everything dropped
  /// (interim heads, trailers).
  static constexpr size_t max_head = 64 * 1024;

  /// `method` is the request's method.
  explicit reply_framing(std::string_view method) : method_{method} {}

  /// Consumes bytes from the front of `input` and returns those that are part
  /// of the body. Returns nothing if `input` is used up, if the head has just
  /// become complete, or if the reply has ended.
  [[nodiscard]] std::string_view take(std::string_view& input);

  /// The number of bytes that come next and are all part of the body, if the
  /// head or a chunk declares it; else 0.
  [[nodiscard]] uint64_t body_left() const {
    return part_ == part::data && framed_ ? left_ : 0;
  }

  /// These bytes of the body were received without `take`. REQUIRES: size <=
  /// body_left().
  void skip_body(uint64_t size);

  /// The server closed the connection. That ends a body without a length; any
  /// other unfinished reply stays incomplete.
  void on_close();

  [[nodiscard]] bool has_head() const { return has_head_; }

  /// REQUIRES: has_head().
  [[nodiscard]] const reply_head& head() const { return head_; }

  /// True if the reply is complete or defective: nothing that follows is part
  /// of it.
  [[nodiscard]] bool ended() const { return part_ == part::end; }

  [[nodiscard]] bool complete() const { return ended() && defect_ == nullptr; }

  /// What is wrong with the reply, to follow "the reply from NAME "; nullptr if
  /// nothing is.
  [[nodiscard]] const char* defect() const { return defect_; }

  /// True if the head declares where the body ends; false if the body ends with
  /// the connection.
  [[nodiscard]] bool framed() const { return framed_; }

  /// The length of the body, if the head declares it.
  [[nodiscard]] std::optional<uint64_t> length() const { return length_; }

  /// True if the connection can carry another exchange (RFC 9112 9.3).
  [[nodiscard]] bool keeps_connection() const { return keeps_; }

private:
  enum class part { status, field, data, chunk_size, chunk_end, trailer, end };

  [[nodiscard]] std::string_view take_data(std::string_view& input);
  void take_line(std::string_view& input);
  void on_line(std::string_view line);
  void on_status(std::string_view line);
  void on_field(std::string_view line);
  void on_head();
  void on_body();
  void on_chunk_size(std::string_view line);
  [[nodiscard]] bool has_no_body() const;
  [[nodiscard]] bool may_persist() const;
  [[nodiscard]] bool read_length();
  void fail(const char* defect);

  std::string method_;
  reply_head head_;
  std::string line_;
  part part_ = part::status;
  uint64_t left_ = 0;     ///< of the body or chunk; unused if unframed
  size_t head_bytes_ = 0; ///< of the head being read
  size_t dropped_bytes_ = 0;
  std::optional<uint64_t> length_;
  const char* defect_ = nullptr;
  bool is_http_1_0_ = false;
  bool has_head_ = false;
  bool framed_ = true;
  bool chunked_ = false;
  bool keeps_ = false;
};

} // namespace sluice
