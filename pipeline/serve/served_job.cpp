#include "pipeline/serve/served_job.hpp"

#include "config/serve_address.hpp"
#include "core/base/log.hpp"
#include "pipeline/api_access.hpp"

#include <utility>

namespace sluice {

caf::error served_job::begin(const settings& config,
                             std::shared_ptr<const job_counters> counters) {
  live_ = std::make_shared<live_job>(std::move(counters),
                                     bucket_limits_of(config.api));
  auto server = status_server::start(*config.serve, config, live_);
  if (!server)
    return make_error(code_of(server.error()),
                      what_of(server.error())
                        + ". The job did not begin: nothing was sent");
  server_ = std::move(*server);
  log_event(log_level::info, "serving", "the status page is served",
            {{"url", server_->url()}});
  if (!config::is_loopback(config.serve->host))
    log_event(log_level::warn, "serving_openly",
              "whoever reaches this address can read the job's state",
              {{"url", server_->url()}});
  return {};
}

void served_job::enter(job_phase phase, std::string detail) {
  live_->enter(phase, std::move(detail));
}

void served_job::note(const progress_facts& facts) {
  live_->note(facts);
}

std::shared_ptr<bucket_store>
served_job::watch(std::shared_ptr<bucket_store> store) {
  return live_->watch(std::move(store));
}

std::shared_ptr<sink>
served_job::watch(const std::string& name, std::shared_ptr<sink> target) {
  return live_->watch(name, std::move(target));
}

} // namespace sluice
