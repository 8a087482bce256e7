// Finds where a reply's head and body begin and end in the bytes of a
// connection, as RFC 9112 demands of a client: interim replies are passed
// over, trailers and chunk extensions are read and dropped. Pure.

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
  /// In the order they came, names in lower case.
  std::vector<std::pair<std::string, std::string>> fields;

  /// All values of `name` (in lower case) as one list, RFC 9110 5.3; empty
  /// when there are none.
  [[nodiscard]] std::string list_of(std::string_view name) const;
};

/// Follows one reply. Holds no more than its head and one line of it.
class reply_framing {
public:
  static constexpr size_t max_line = 8 * 1024;

  /// Caps the final head, and all that is dropped (interim heads, trailers)
  /// together, each.
  static constexpr size_t max_head = 64 * 1024;

  /// `method` is the request's.
  explicit reply_framing(std::string_view method) : method_{method} {}

  /// Takes bytes off the front of `input` and returns those of them that are
  /// a part of the body. Returns nothing when `input` is used up, when the
  /// head has just become complete, and when the reply ended.
  [[nodiscard]] std::string_view take(std::string_view& input);

  /// The server closed the connection: the end of a body without a length; a
  /// reply that had more to come stays incomplete.
  void on_close();

  [[nodiscard]] bool has_head() const { return has_head_; }

  /// REQUIRES: has_head().
  [[nodiscard]] const reply_head& head() const { return head_; }

  /// Nothing that follows belongs to the reply: it is complete or defective.
  [[nodiscard]] bool ended() const { return part_ == part::end; }

  [[nodiscard]] bool complete() const { return ended() && defect_ == nullptr; }

  /// What is wrong with the reply, for "the reply of NAME …"; nullptr when
  /// nothing is.
  [[nodiscard]] const char* defect() const { return defect_; }

  /// The head says where the body ends; else the connection's end does.
  [[nodiscard]] bool framed() const { return framed_; }

  /// The length of the body, where the head says it.
  [[nodiscard]] std::optional<uint64_t> length() const { return length_; }

  /// The connection may carry another exchange after this one (RFC 9112 9.3).
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
  uint64_t left_ = 0;     ///< of the body or chunk; unframed: not used
  size_t head_bytes_ = 0; ///< of the head that is being read
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
