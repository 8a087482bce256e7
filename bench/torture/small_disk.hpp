// A disk that is full: a small file system or, if none can be mounted, a limit
// on the size of each file.

#pragma once

#include "tests/support/program.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sluice::torture {

class small_disk {
public:
  virtual ~small_disk() = default;

  /// A description for a report.
  [[nodiscard]] virtual std::string kind() const = 0;

  /// Throws if it cannot.
  virtual void resize(uint64_t bytes) = 0;

  /// Runs a program to its end with limited writes to the disk.
  [[nodiscard]] virtual test::program_result
  run(const test::program_input& input) const = 0;
};

/// A disk at `folder`, which must exist and be empty. A mounted disk is visible
/// only to this thread and the processes it starts, and disappears with them.
[[nodiscard]] std::unique_ptr<small_disk>
make_small_disk(const std::filesystem::path& folder, uint64_t bytes);

} // namespace sluice::torture
