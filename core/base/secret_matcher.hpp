// Finds secrets in text, in whatever form text carries them: as they are; with
// any of their characters escaped, once or several times, each in its own way
// (core/base/undo_escapes.hpp), a blank also as a plus sign; in base64 of
// either alphabet, also as a part of a longer text; in hexadecimal digits.
// Finds the user info of addresses (`https://user:password@host`), too.
//
// What has fewer than 8 bytes may be a part of ordinary words, so it is only
// found where it stands alone. What has fewer than 4 is no secret: anybody
// guesses it, and hiding it would make text unreadable.

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

  /// `is_key`: the API knows it.
  void add(std::string_view secret, bool is_key);

  /// True also of what is too short to be one.
  [[nodiscard]] bool knows(std::string_view secret, bool is_key) const;

  /// How many secrets it has.
  [[nodiscard]] size_t size() const { return known_.size(); }

  /// `text` with `***` in place of all that is found. What is behind the first
  /// `enough` bytes may be missing.
  [[nodiscard]] std::string mask(std::string_view text, size_t enough) const;

  /// Puts an asterisk over each byte of all that is found.
  void overwrite(char* text, size_t size) const;

  /// Whether `text` holds a key of 8 bytes or more.
  [[nodiscard]] bool holds_key(std::string_view text) const;

private:
  /// How a pattern stands in a text.
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
  /// In order of their begins; they may overlap.
  [[nodiscard]] std::vector<span>
  find(std::string_view text, bool only_keys) const;
  /// Those that begin in the part that begins at `begin`, or reach into it.
  [[nodiscard]] std::vector<span>
  find_from(std::string_view text, size_t begin) const;
  /// As the text stands, with nothing undone.
  void
  search(std::string_view text, bool only_keys, std::vector<span>& found) const;
  [[nodiscard]] static bool
  is_at(const pattern& wanted, std::string_view text, size_t at);
  /// With the base64 digits at its ends, which have bits of the secret, too.
  [[nodiscard]] static span
  span_of(const pattern& wanted, std::string_view text, size_t at);

  std::vector<known_secret> known_;
  /// Patterns whose first two bytes are one pair; the first group is empty.
  std::vector<std::vector<pattern>> groups_;
  std::vector<uint16_t> group_of_pair_;
  size_t longest_ = 0; ///< bytes of a secret
};

} // namespace sluice
