// Serves the status page and the machine interfaces of one job, read-only. A
// client cannot slow the job: actors publish without waiting, and clients'
// resources are bounded: 320 waiting connections of 64 KiB, 64 event streams
// that share their text, 4 MiB of replies being sent. No request can end the
// process, and no client can keep another from /healthz.

#pragma once

#include "pipeline/serve/live_job.hpp"
#include "pipeline/serve/report_reader.hpp"

#include <memory>
#include <string>

namespace sluice {

class status_server {
public:
  /// Starts listening. `live` is null if the job does not run in this process.
  /// Errors: ec::usage if it cannot listen on the address, ec::unavailable if
  /// the system is out of threads or descriptors.
  [[nodiscard]] static caf::expected<std::unique_ptr<status_server>>
  start(const serve_settings& where, settings config,
        std::shared_ptr<const live_job> live);

  /// Shows clients the last state, then closes all connections, within a
  /// second.
  ~status_server();

  [[nodiscard]] const std::string& url() const;

private:
  struct impl;
  explicit status_server(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
