// The front of the workers: hands each permitted request to an idle worker and
// reports the result to the limiter. There is always an idle worker for a
// permit, because the limiter grants no more permits than the pool has reported
// idle workers.

#pragma once

#include "actors/protocol.hpp"
#include "core/base/rare_notice.hpp"
#include "core/flow/first_contact.hpp"
#include "core/flow/job_counters.hpp"
#include "core/flow/timing.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sluice {

struct api_pool_config {
  std::vector<api_worker_actor> workers;
  rate_limiter_actor limiter;
  std::shared_ptr<job_counters> counters;
  supervisor_actor supervisor{};
  timing times{};
  bool reached = false; ///< an earlier process of the job has reached the API
};

class api_pool_state {
public:
  using pointer = api_pool_actor::stateful_pointer<api_pool_state>;
  static inline constexpr const char* name = "api-pool";

  explicit api_pool_state(pointer self) : self_{self} {}
  ~api_pool_state();

  [[nodiscard]] api_pool_actor::behavior_type
  make_behavior(api_pool_config config);

private:
  template <class Reply, class Order>
  caf::typed_response_promise<Reply>
  run(const permit& used, const Order& order);
  void count(request_kind kind);
  void count_reply(request_kind kind, int status);
  /// `failure`: why the API could not be reached or its reply is unusable.
  void note_failure(const std::string& request, const std::string& failure);
  void note_answer();
  /// Ends the job if no server ever answered.
  void note_contact(const reply_facts& facts, const std::string* failure);
  void note_api(const std::string& request, const reply_facts& facts,
                const std::string* failure);
  /// The request went to another server, so it says nothing about the API.
  void note_elsewhere(const std::string& request, const std::string* failure);
  void finish(const api_worker_actor& worker, request_report report);

  pointer self_;
  api_pool_config config_;
  std::vector<api_worker_actor> idle_;
  /// The promises for outstanding replies, by request number.
  std::unordered_map<uint64_t, caf::response_promise> waiting_;
  uint64_t requests_ = 0;
  rare_notice outage_;
  rare_notice outage_elsewhere_;
  first_contact contact_;
};

api_pool_actor::behavior_type
api_pool(api_pool_state::pointer self, api_pool_config config);

} // namespace sluice
