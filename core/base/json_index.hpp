// Finds where the tokens of a JSON text begin, with the machine's vector
// instructions (simdjson). indexed_json_reader.hpp reads the tokens. Its caller
// owns the index and reuses it for many texts, as core/api/page_splitter does.
//
// The text is indexed in pieces, so that the index stays in the cache and takes
// the same memory however long the text is. A piece ends before a string
// begins, or at the end of the text. A text with a string longer than a piece,
// or a stretch without strings longer than a piece, gets larger pieces, up to
// 1 MiB or a quarter of the text, whichever is less: each byte can need four
// bytes of index.
//
// simdjson may read up to 64 bytes past the end of a piece. What they contain
// does not matter to the index. They belong to the text itself; only its last
// piece is copied and followed by zeros.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sluice {

/// Consecutive tokens of a text. Every byte from `front` to `end`
/// that is not a blank belongs to one of them.
struct indexed_piece {
  const char* front = nullptr;
  const char* end = nullptr;
  /// Offsets from `front`, one for each token, then the offset of `end`. Valid
  /// until the next piece.
  const uint32_t* tokens = nullptr;
};

/// The index of one text after another. Takes `piece_bytes` for the copy and
/// four bytes for each byte of a piece; larger pieces only until `end`.
class json_index {
public:
  /// REQUIRES: piece_bytes > 0.
  explicit json_index(size_t piece_bytes = 32 * 1024);
  ~json_index();

  /// Starts indexing `text` from `begin` to `end`. `text` must stay valid until
  /// its last piece is read.
  void start(std::string_view text, size_t begin, size_t end);

  /// Indexes the next piece. False if there is none, or if the text must be
  /// left to json_reader.hpp: it is not valid UTF-8, a string holds a control
  /// character or is not terminated, or no end of the piece was found.
  [[nodiscard]] bool next(indexed_piece& piece);

  [[nodiscard]] bool at_end() const { return begin_ == end_; }

  /// Frees the extra memory that larger pieces needed.
  void end();

private:
  struct parser;

  [[nodiscard]] size_t piece_size() const;
  [[nodiscard]] size_t size_up_to(size_t limit) const;

  size_t piece_bytes_;
  std::unique_ptr<parser> parser_;
  std::unique_ptr<char[]> last_; ///< a copy of the last piece
  std::string_view text_;
  size_t begin_ = 0; ///< of the next piece
  size_t end_ = 0;
};

} // namespace sluice
