// Downloads a run's captures as one file: fetches it from its signed URL,
// checks it, and cuts it into parts that are delivered like pages.
//
// The whole file first goes into an unnamed temporary file. So the connection
// never waits for a slow sink, the URL cannot expire during reading, and
// nothing is delivered from a file that is truncated, damaged, or has only
// lines that are not captures. Otherwise such lines are skipped and counted.

#pragma once

#include "core/api/api_calls.hpp"
#include "core/http/http_transport.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace sluice {

struct download_options {
  std::shared_ptr<const api_profile> profile; ///< must have `download`
  transport_options transport;
  std::filesystem::path directory; ///< of the temporary file
  /// Maximum bytes of one capture.
  size_t max_line = transport_options{}.max_body;

  // Limits, since an untrusted file can claim any size.
  uint64_t max_file = uint64_t{8} << 30;     ///< bytes as sent
  uint64_t max_content = uint64_t{64} << 30; ///< bytes after decompression

  // Relative limits. Nearly identical captures shrink to a hundredth; gzip
  // reaches at most 1,032:1 and lz4 255:1; zstd has no limit.
  uint64_t max_ratio = 1'000;              ///< content to file size
  uint64_t any_ratio = uint64_t{64} << 20; ///< content at any ratio
  uint64_t max_idle_lines = 10; ///< lines without a capture allowed per capture
  uint64_t any_idle_lines = 10'000; ///< such lines allowed in any file

  // A part ends at whichever comes first; a longer line is a part by itself.
  size_t part_bytes = 1 << 20;
  size_t part_captures = 1'000;
};

/// Handles one run at a time. Belongs to one thread; only `stop` may be called
/// from another.
class capture_download {
public:
  explicit capture_download(download_options options);
  ~capture_download();
  capture_download(const capture_download&) = delete;
  capture_download& operator=(const capture_download&) = delete;

  /// Fetches the file, without the key and without following redirects, and
  /// reads it once completely. ok: `next` starts at its first capture; the
  /// message, if any, says which lines are skipped. `unreadable`: the file is
  /// bad or its server refuses, and only a new URL might help. `retry`: the
  /// server, the network or this machine failed. Failures are marked
  /// `elsewhere`, except this machine's own. The message does not contain the
  /// URL.
  [[nodiscard]] read_verdict open(const signed_url& link);

  /// Returns the next part. Its `next` is an empty cursor if more parts follow,
  /// else unset. `retry` if the part cannot be read; that ends the file.
  /// REQUIRES: `open` succeeded and the last part has not been returned since.
  [[nodiscard]] page_reply next();

  /// Ends the current call soon; all later calls fail. Thread-safe.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
