// Stores a token bucket's state: in memory for one process, or in a file in the
// user's state directory, shared by every sluice on this machine that uses the
// same key.

#pragma once

#include "core/base/error.hpp"
#include "core/flow/token_bucket.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class bucket_store {
public:
  virtual ~bucket_store() = default;

  /// Calls `change` with the state and stores the result, excluding other
  /// processes meanwhile. The state is written before this returns, so a token
  /// is gone from the file before its request leaves: even if this process is
  /// killed, the next one does not burst again.
  [[nodiscard]] virtual caf::error
  update(const std::function<void(bucket_state&)>& change) = 0;
};

/// For one process, beginning with `initial`.
[[nodiscard]] std::unique_ptr<bucket_store>
make_memory_bucket_store(bucket_state initial);

/// Shared through `file`, which is created with `initial` if absent. The times
/// in it are monotonic and valid for one boot: after a reboot the bucket starts
/// empty at `initial.at`. Errors: ec::disk naming the file.
[[nodiscard]] caf::expected<std::unique_ptr<bucket_store>>
open_bucket_file(const std::filesystem::path& file, bucket_state initial);

/// The jobs that have asked for a token from `file` recently, ordered by name;
/// none if the file cannot be read.
[[nodiscard]] std::vector<sharing_job>
jobs_at_bucket(const std::filesystem::path& file, time_point now);

/// The file for one key of one API: bucket-<hash> in `state_folder()`. The hash
/// does not reveal the key.
[[nodiscard]] std::filesystem::path
bucket_file_for(std::string_view base_url, std::string_view key);

} // namespace sluice
