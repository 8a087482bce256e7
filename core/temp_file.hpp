// A nameless temporary file: written once to its end, then read anywhere.
// The kernel removes it when the process ends, however that happens.

#pragma once

#include "core/error.hpp"
#include "core/file_descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace sluice {

class temp_file {
public:
  /// Errors of all functions: ec::disk, with the directory and what to do.
  [[nodiscard]] static caf::expected<temp_file>
  create(const std::filesystem::path& directory);

  /// Writes `bytes` at the end.
  [[nodiscard]] caf::error append(std::string_view bytes);

  /// Reads at `offset` and returns how many bytes; fewer than asked for only
  /// at the end of the file.
  [[nodiscard]] caf::expected<size_t>
  read_at(uint64_t offset, std::span<char> into) const;

private:
  temp_file(file_descriptor fd, std::filesystem::path directory);

  file_descriptor fd_;
  std::filesystem::path directory_;
};

} // namespace sluice
