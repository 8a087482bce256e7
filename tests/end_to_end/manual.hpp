// The manual's pages taken apart: fenced blocks, and the comments before them
// that say how a block is to be tested.
//
//   <!-- not run: REASON -->       a block that no test can run
//   <!-- exit N -->                the block's exit code, when it is not 0
//   <!-- with A = B; C = D -->     texts replaced before it runs
//   <!-- file: NAME -->            the block is written to this file
//   <!-- same as: PATH -->         the block is this file of the repository
//   <!-- setup: NAME -->           what must be there first, by name
//   <!-- before ... -->            commands to run first, not for readers
//
// A comment counts for the next block of its page; other comments are no
// matter of the tests.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

struct manual_block {
  std::string language;
  std::string text; ///< without the indentation of its fence
  size_t line = 0;  ///< after the fence

  bool not_run = false;
  int exit_code = 0;
  std::vector<std::pair<std::string, std::string>> replaced;
  std::string file;
  std::string same_as;
  std::string setup;
  std::string before;
};

/// Every fenced block of a page, in order. Throws if a fence does not end.
[[nodiscard]] std::vector<manual_block>
read_blocks(const std::filesystem::path& page);

/// README.md and docs/*.md.
[[nodiscard]] std::vector<std::filesystem::path> manual_pages();

/// Files that the page links to, without their anchors.
[[nodiscard]] std::vector<std::string>
links_of(const std::filesystem::path& page);

/// A test or a test file that a page names as its proof.
struct named_test {
  std::string file;  ///< relative to the repository
  std::string title; ///< empty for the whole file
};

/// Every `tests/….cpp` on the page. If quoted titles follow, one entry for each
/// title.
[[nodiscard]] std::vector<named_test>
tests_named_in(const std::filesystem::path& page);

} // namespace sluice::test
