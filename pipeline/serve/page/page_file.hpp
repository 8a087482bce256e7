// The status page's files, embedded in the program.

#pragma once

#include <string_view>

namespace sluice {

struct page_file {
  std::string_view path; ///< the URL's path
  const char* type;      ///< MIME
  std::string_view content;
};

/// nullptr if there is no such file.
[[nodiscard]] const page_file* find_page_file(std::string_view path);

} // namespace sluice
