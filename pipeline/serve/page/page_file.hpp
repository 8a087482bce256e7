// The status page's files, which are part of the program.

#pragma once

#include <string_view>

namespace sluice {

struct page_file {
  std::string_view path; ///< of its URL
  const char* type;      ///< MIME
  std::string_view content;
};

/// nullptr when there is none.
[[nodiscard]] const page_file* find_page_file(std::string_view path);

} // namespace sluice
