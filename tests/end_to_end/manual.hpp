// The manual's pages split into fenced blocks and the comments before them,
// which say how to test a block.
//
//   <!-- not run: REASON -->       no test can run the block
//   <!-- exit N -->                the block's exit code, if not 0
//   <!-- with A = B; C = D -->     texts replaced before it runs
//   <!-- file: NAME -->            the block is written to this file
//   <!-- same as: PATH -->         the block is this file of the repository
//   <!-- setup: NAME -->           what must exist first, by name
//   <!-- before ... -->            commands to run first, not for readers
//
// A comment applies to the next block of its page. The tests ignore other
// comments.

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

/// Every fenced block of a page, in order. Throws if a fence is not closed.
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
