// Finds secrets in text, in any form they may take there: verbatim; with any
// characters escaped, once or several times and in different ways
// (core/base/undo_escapes.hpp), a blank as a plus sign; in base64 of either
// alphabet, even inside a longer encoded text; in hexadecimal. Also finds the
// user info of URLs (`https://user:password@host`).
//
// A secret of fewer than 8 bytes may be part of ordinary words, so it is found
// only as a separate word. One of fewer than 4 bytes is ignored: it is easy to
// guess, and masking it would make text unreadable.
//
// Only secrets.cpp uses it. Other code calls the functions of secrets.hpp.

#pragma once

#include "core/base/undo_escapes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class secret_matcher {
public:
  secret_matcher();

  /// `is_key`: an API key.
  void add(std::string_view secret, bool is_key);

  /// Also true if the text is too short to be a secret.
  [[nodiscard]] bool knows(std::string_view secret, bool is_key) const;

  /// The number of secrets.
  [[nodiscard]] size_t size() const { return known_.size(); }

  /// Replaces every match in `text` with `***`. The result may stop after the
  /// first `enough` bytes.
  [[nodiscard]] std::string mask(std::string_view text, size_t enough) const;

  /// Overwrites each byte of every match with an asterisk.
  void overwrite(char* text, size_t size) const;

  /// True if `text` contains a key of 8 bytes or more.
  [[nodiscard]] bool holds_key(std::string_view text) const;

private:
  /// How a pattern appears in a text.
  enum class form { as_is, word, base64 };

  struct pattern {
    std::string bytes;
    form as = form::as_is;
    bool is_key = false;
    bool plus_is_blank = false;
  };

  struct known_secret {
    std::string text;
    bool is_key = false;
  };

  struct span {
    size_t begin = 0;
    size_t end = 0;
  };

  void add_forms(std::string_view secret, bool is_key);
  void add_pattern(const pattern& wanted);
  void add_to_group(char first, char second, const pattern& wanted);
  /// Ordered by where they begin; they may overlap.
  [[nodiscard]] std::vector<span>
  find(std::string_view text, bool only_keys) const;
  /// The matches that begin in the part at `begin`, or reach into it.
  [[nodiscard]] std::vector<span>
  find_from(std::string_view text, size_t begin) const;
  /// Searches the text as it is, without undoing escapes.
  void
  search(std::string_view text, bool only_keys, std::vector<span>& found) const;
  [[nodiscard]] static bool
  is_at(const pattern& wanted, std::string_view text, size_t at);
  /// Includes the base64 digits on both sides, which share bits of the secret.
  [[nodiscard]] static span
  span_of(const pattern& wanted, std::string_view text, size_t at);

  std::vector<known_secret> known_;
  /// Patterns grouped by their first two bytes; group 0 is empty.
  std::vector<std::vector<pattern>> groups_;
  std::vector<uint16_t> group_of_pair_;
  size_t longest_ = 0; ///< bytes of the longest secret
};

} // namespace sluice
