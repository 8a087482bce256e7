// The captures of one run as one file: fetched from its signed URL, checked,
// and cut into parts that are delivered like pages.
//
// The file comes whole into a nameless temporary file first. So its
// connection never waits for a slow sink, its URL cannot expire while it is
// read, and nothing of a file that is cut short, damaged or has no captures
// but other lines is delivered. Among captures, a line that is not one is left
// out and counted.

#pragma once

#include "core/api/api_client.hpp"
#include "core/http/http_transport.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace sluice {

struct download_options {
  std::shared_ptr<const api_profile> profile; ///< it has `download`
  transport_options transport;
  std::filesystem::path directory;                ///< of the temporary file
  size_t max_line = transport_options{}.max_body; ///< bytes of one capture

  // What others wrote is not trusted to be of a sensible size.
  uint64_t max_file = uint64_t{8} << 30;     ///< bytes, as they are sent
  uint64_t max_content = uint64_t{64} << 30; ///< bytes, decompressed

  // The same in proportion. Captures that hardly differ shrink to a hundredth;
  // gzip reaches 1,032:1 and lz4 255:1 at most, zstd has no such limit.
  uint64_t max_ratio = 1'000;              ///< content to file
  uint64_t any_ratio = uint64_t{64} << 20; ///< bytes of content of any ratio
  uint64_t max_idle_lines = 10;            ///< without a capture, for each
  uint64_t any_idle_lines = 10'000;        ///< of them in any file

  // A part ends at whichever comes first; a longer line is a part alone.
  size_t part_bytes = 1 << 20;
  size_t part_captures = 1'000;
};

/// One run at a time. Belongs to one thread; only `stop` may be called from
/// another.
class capture_download {
public:
  explicit capture_download(download_options options);
  ~capture_download();
  capture_download(const capture_download&) = delete;
  capture_download& operator=(const capture_download&) = delete;

  /// Fetches the file, without the key and following no redirect, and reads
  /// it once to its end. ok: `next` begins at its first capture, and the
  /// message, if any, says which lines are left out. `unreadable`: the
  /// file is bad, or its server refuses, and only a fresh URL might help.
  /// `retry`: the server, the network or this machine failed. A failure is
  /// `elsewhere` but for this machine's. The message does not hold the URL.
  [[nodiscard]] read_verdict open(const signed_url& link);

  /// The next part; its `next` is set, and empty, while more follow. `retry`
  /// when the part cannot be read, which ends the file.
  /// REQUIRES: `open` succeeded and no part was the last one since.
  [[nodiscard]] page_reply next();

  /// Ends what is under way, soon; everything later fails. Thread-safe.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
