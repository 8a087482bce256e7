// URL lists for tests: a temporary folder, optionally compressed files in it,
// and a target that records what an import gives it.

#pragma once

#include "core/base/byte_source.hpp"
#include "core/model/import_target.hpp"
#include "core/model/list_identity.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

class list_folder {
public:
  /// Writes a list and returns its absolute path.
  std::string write(const std::string& name, std::string_view content) const;

  [[nodiscard]] const std::filesystem::path& path() const {
    return folder_.path();
  }

private:
  temp_folder folder_;
};

/// One member or frame that contains `content`.
std::string compress(compression kind, std::string_view content);

inline std::string gzip(std::string_view content) {
  return compress(compression::gzip, content);
}

/// Everything that `source` returns, read `step` bytes at a time.
caf::expected<std::string> read_all(byte_source& source, size_t step = 4096);

/// Bytes from memory, at most `step` at a time.
class memory_source : public byte_source {
public:
  explicit memory_source(std::string bytes, size_t step = SIZE_MAX)
      : bytes_{std::move(bytes)}, step_{step} {}

  caf::expected<size_t> read(std::span<char> into) override;

private:
  std::string bytes_;
  size_t step_;
  size_t at_ = 0;
};

/// Never stops anything.
class patient_monitor : public read_monitor {
public:
  bool on_read(std::string_view) override { return true; }
};

class recording_target : public import_target {
public:
  using batch = std::pair<std::string, std::vector<std::string>>;

  caf::error add_batch(std::string_view robot,
                       const std::vector<std::string_view>& urls) override;
  caf::error add_invalid(const invalid_record& record) override;
  caf::error add_list(const list_identity& list) override;

  /// All URLs of `robot` in order of arrival.
  [[nodiscard]] std::vector<std::string> urls_of(std::string_view robot) const;

  std::vector<batch> batches;
  std::vector<invalid_record> invalid;
  std::vector<list_identity> lists;
  caf::error refuse; ///< the answer to every batch
};

} // namespace sluice::test
