// The API without HTTP: requests in, replies out. It decides who may send
// requests, how often, and which faults occur. The shell around it transfers
// the bytes.

#pragma once

#include "simulator/counters.hpp"
#include "simulator/faults.hpp"
#include "simulator/listing.hpp"
#include "simulator/route.hpp"
#include "simulator/run_world.hpp"
#include "simulator/server_bucket.hpp"
#include "simulator/sim_clock.hpp"
#include "simulator/wire.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

struct api_request {
  route to;
  std::optional<std::string> authorization; ///< the header, if sent
  std::multimap<std::string, std::string> parameters;
  std::string body;
  std::string idempotency_key{}; ///< "" if none was sent or none is supported
};

/// The bucket's level for a header.
struct quota {
  uint32_t limit = 0;
  uint32_t remaining = 0;
  uint32_t reset = 0; ///< real seconds until it is full
};

struct api_reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  /// If set, the body comes from here in pieces.
  listing::body_source pieces;
  uint32_t retry_after = 0; ///< in seconds, 0 for no such header
  std::optional<quota> left;
};

/// The run that a submit with an idempotency key created.
struct keyed_run {
  std::string id;
  uint64_t body_hash = 0;
};

/// Thread-safe. REQUIRES: options that `simulator::start` accepts.
class service {
public:
  service(const simulator_options& options, dialect form, sim_clock clock);

  /// The start of the signed download URLs, such as "http://127.0.0.1:80". To
  /// be set before the first request.
  void set_origin(std::string origin) { origin_ = std::move(origin); }

  /// The header for idempotency keys, or "" if they are not supported.
  [[nodiscard]] const std::string& idempotency_header() const noexcept {
    return options_.idempotency_header;
  }

  /// Counts a request that arrives and draws its fault. The caller carries out
  /// `reset`, `lost_reply` and `truncate`, and `answer` the others.
  [[nodiscard]] fault admit(const route& to);

  [[nodiscard]] api_reply
  answer(const api_request& request, fault fate, sim_time now);

  /// Restores the bucket to its initial state.
  void refill_bucket();

  [[nodiscard]] std::string stats(sim_time now);
  void reset_stats();

  /// The oldest run comes first.
  void
  each_run(sim_time now, const std::function<void(const created_run&)>& visit);

private:
  [[nodiscard]] std::optional<api_reply>
  refuse(const api_request& request, fault fate, sim_time now);
  [[nodiscard]] api_reply process(const api_request& request, sim_time now);
  [[nodiscard]] api_reply
  answer_to(const api_request& request, fault fate, sim_time now);
  [[nodiscard]] std::optional<quota> left_of_bucket();
  [[nodiscard]] api_reply submit(const api_request& request, sim_time now);
  [[nodiscard]] api_reply
  create(run_content content, const api_request& request, sim_time now);
  [[nodiscard]] api_reply
  repeat(const keyed_run& known, const api_request& request, sim_time now);
  [[nodiscard]] api_reply list_runs(sim_time now);
  [[nodiscard]] api_reply show(const api_request& request, sim_time now);
  [[nodiscard]] api_reply list(const api_request& request, sim_time now);
  [[nodiscard]] api_reply sign(const api_request& request, sim_time now);
  [[nodiscard]] api_reply send_file(const api_request& request, sim_time now);
  [[nodiscard]] bool has_key(const api_request& request) const;
  [[nodiscard]] bool next_link_is_expired();
  [[nodiscard]] std::optional<run_view> find(std::string_view id, sim_time now);
  /// The same with its URLs.
  [[nodiscard]] std::optional<run_view>
  find_whole(std::string_view id, sim_time now);
  [[nodiscard]] std::vector<run_view> newest(size_t most, sim_time now);
  void load_urls(run_view& run);
  void count_served(uint64_t captures, bool overlaps);
  [[nodiscard]] run_report report_of(const run_view& run) const;

  const simulator_options options_;
  const dialect form_;
  const runs_rule runs_rule_;
  const sim_clock clock_;
  const chance dice_;
  const capture_rules rules_;
  const listing listing_;
  std::string origin_;

  std::mutex mutex_; ///< guards the members below
  run_world world_;
  server_bucket bucket_;
  counters counters_;
  submission_memory memory_;
  std::map<std::string, keyed_run> keys_;
  uint64_t arrivals_ = 0;
  uint64_t links_ = 0; ///< signed so far
};

} // namespace sluice::sim
