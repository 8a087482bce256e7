// Serves the status page and the machine interfaces of one job, for reading
// only. A client cannot slow the job: actors publish without waiting, and what
// clients may take is bounded: 320 connections of 64 KiB that wait, 64 streams
// of events that share their text, 4 MiB of replies on their way. No request
// can end the process, and no client keeps /healthz from another.

#pragma once

#include "pipeline/serve/live_job.hpp"
#include "pipeline/serve/report_reader.hpp"

#include <memory>
#include <string>

namespace sluice {

class status_server {
public:
  /// Listens. `live` is null when the job does not run in this process.
  /// Errors: ec::usage when the address cannot be listened to, ec::unavailable
  /// when the system has no more threads or descriptors.
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
