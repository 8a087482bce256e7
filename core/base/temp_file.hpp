// An unnamed temporary file, for data that may not fit into memory (a download,
// the URLs of an import): append to it, then read anywhere. The kernel removes
// it when the process ends, however it ends.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/base/error.hpp"
#include "core/base/file_descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace sluice {

class temp_file {
public:
  /// Errors of all functions: ec::disk, with the directory and a remedy.
  [[nodiscard]] static caf::expected<temp_file>
  create(const std::filesystem::path& directory);

  /// Appends `bytes` to the file.
  [[nodiscard]] caf::error append(std::string_view bytes);

  /// Reads at `offset` and returns the number of bytes; short only at the end
  /// of the file.
  [[nodiscard]] caf::expected<size_t>
  read_at(uint64_t offset, std::span<char> into) const;

private:
  temp_file(file_descriptor fd, std::filesystem::path directory);

  file_descriptor fd_;
  std::filesystem::path directory_;
};

/// Reads a temporary file from its start. The file must outlive the source.
class temp_file_source : public byte_source {
public:
  explicit temp_file_source(const temp_file& file) : file_{file} {}

  caf::expected<size_t> read(std::span<char> into) override;

private:
  const temp_file& file_;
  uint64_t offset_ = 0;
};

} // namespace sluice
