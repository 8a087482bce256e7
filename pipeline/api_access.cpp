#include "pipeline/api_access.hpp"

#include "pipeline/interrupts.hpp"

#include <thread>
#include <utility>

namespace sluice {

namespace {

using clock = std::chrono::steady_clock;

/// Takes one token; returns the time it was granted.
caf::expected<time_point>
take_token(bucket_store& store, const bucket_limits& limits) {
  for (;;) {
    auto now = clock::now();
    std::optional<time_point> later;
    auto err = store.update([&](bucket_state& state) {
      token_bucket bucket{limits, state};
      later = bucket.take(now);
      state = bucket.state();
    });
    if (err)
      return err;
    if (!later)
      return now;
    if (interrupted())
      return make_error(ec::interrupted,
                        "interrupted while waiting for the rate limit; run "
                        "the same command again");
    // Sleep in short steps, so that a signal is noticed.
    std::this_thread::sleep_until(
      std::min(*later, now + std::chrono::milliseconds{100}));
  }
}

bucket_reply kind_of(const read_verdict& verdict) {
  if (verdict.rate_limited())
    return bucket_reply::refused;
  return verdict.answered() ? bucket_reply::answered : bucket_reply::unknown;
}

/// Makes the request `call` and reports the result to the bucket.
template <class Call>
auto ask(const api_settings& api, Call call)
  -> caf::expected<decltype(call(std::declval<api_client&>()))> {
  auto bucket = open_bucket(api);
  if (!bucket)
    return bucket.error();
  auto limits = bucket_limits_of(api);
  // Without a limit, no token is needed.
  auto limited = api.requests_per_minute > 0;
  time_point granted = clock::now();
  if (limited) {
    auto token = take_token(**bucket, limits);
    if (!token)
      return token.error();
    granted = *token;
  }
  api_client client{api_options_of(api)};
  auto reply = call(client);
  if (!limited)
    return reply;
  auto err = (*bucket)->update([&](bucket_state& state) {
    token_bucket tokens{limits, state};
    tokens.on_reply(kind_of(reply.verdict), granted, clock::now(),
                    reply.verdict.least_wait());
    if (reply.verdict.quota && kind_of(reply.verdict) != bucket_reply::refused)
      tokens.on_quota(*reply.verdict.quota, 0, clock::now());
    state = tokens.state();
  });
  if (err)
    return err;
  return reply;
}

} // namespace

api_options api_options_of(const api_settings& api) {
  api_options options;
  options.profile = api.profile;
  options.key = api.key;
  options.timeout = api.timeout;
  options.max_body = api.max_body;
  options.proxy = api.proxy;
  options.ca_file = api.ca_file;
  return options;
}

transport_options transport_options_of(const api_settings& api) {
  return {.timeout = api.timeout,
          .max_body = api.max_body,
          .proxy = api.proxy,
          .ca_file = api.ca_file};
}

bucket_limits bucket_limits_of(const api_settings& api) {
  bucket_limits limits;
  limits.per_second = api.requests_per_minute / 60.0;
  limits.burst = api.burst;
  limits.freeze = api.profile->wait_after_429;
  return limits;
}

caf::expected<std::shared_ptr<bucket_store>>
open_bucket(const api_settings& api) {
  bucket_state full;
  full.level = api.burst;
  full.at = clock::now();
  if (api.requests_per_minute == 0)
    return std::shared_ptr<bucket_store>{make_memory_bucket_store(full)};
  auto key = api.key();
  if (!key)
    return key.error();
  auto opened =
    open_bucket_file(bucket_file_for(api.profile->base, *key), full);
  if (!opened)
    return opened.error();
  return std::shared_ptr<bucket_store>{std::move(*opened)};
}

sharing_job own_job_of(const settings& config) {
  return sharing_job_of(config.file.native(), config.ledger.native(),
                        bucket_limits_of(config.api).per_second);
}

caf::expected<std::vector<sharing_job>> other_jobs_of(const settings& config) {
  if (config.api.requests_per_minute == 0)
    return std::vector<sharing_job>{};
  auto key = config.api.key();
  if (!key)
    return key.error();
  auto jobs = jobs_at_bucket(bucket_file_for(config.api.profile->base, *key),
                             clock::now());
  auto own = own_job_of(config).id;
  std::erase_if(jobs, [&](auto& job) { return job.id == own; });
  return jobs;
}

caf::expected<status_reply>
ask_status(const api_settings& api, const run_ref& run) {
  return ask(api, [&](api_client& client) { return client.status(run); });
}

caf::expected<page_reply>
ask_first_page(const api_settings& api, const run_ref& run) {
  page_order order{run, {}};
  return ask(api, [&](api_client& client) { return client.page(order); });
}

caf::expected<run_list_reply>
ask_runs(const api_settings& api, const std::string& robot) {
  run_list_order order{robot};
  return ask(api, [&](api_client& client) { return client.runs(order); });
}

} // namespace sluice
