#include "pipeline/rehearsal/rehearsal.hpp"

#include "simulator/simulator.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <system_error>

namespace sluice {

namespace {

template <class Duration>
void divide(Duration& time, double speed) {
  time = std::chrono::duration_cast<Duration>(time / speed);
}

/// The simulator's dialect for a profile that is, or extends, a built-in one.
std::string dialect_of(const api_profile& profile) {
  auto& items = profile.results.items;
  auto has_rows = std::find(items.begin(), items.end(), "/rows") != items.end();
  return has_rows ? "extralt-v0" : "extralt";
}

} // namespace

void speed_up(settings& config, double speed) {
  auto profile = std::make_shared<api_profile>(*config.api.profile);
  divide(profile->wait_after_429, speed);
  config.api.profile = profile;
  config.api.requests_per_minute = static_cast<uint32_t>(
    std::lround(std::min(1e9, config.api.requests_per_minute * speed)));
  config.poll.for_each_duration(
    [&](auto, duration& each) { divide(each, speed); });
  config.times.for_each_duration([&](duration& each) { divide(each, speed); });
}

rehearsal::rehearsal(std::filesystem::path folder)
    : folder_{std::move(folder)} {}

rehearsal::~rehearsal() {
  api_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

caf::expected<std::unique_ptr<rehearsal>>
rehearsal::start(settings& config, double speed) {
  std::error_code failed;
  auto parent = std::filesystem::temp_directory_path(failed);
  auto folder = (parent / "sluice-XXXXXX").string();
  if (!failed && ::mkdtemp(folder.data()) == nullptr)
    failed = {errno, std::generic_category()};
  if (failed)
    return make_error(
      ec::disk, "the folder for the rehearsal's ledger cannot be created: "
                  + failed.message()
                  + "; set TMPDIR to a folder that you can write to");
  std::unique_ptr<rehearsal> made{new rehearsal{folder}};
  simulator_options options;
  options.dialect = dialect_of(*config.api.profile);
  options.speed = speed;
  options.requests_per_minute = config.api.requests_per_minute;
  options.burst = config.api.burst;
  options.max_concurrent = config.runs.max_concurrent;
  if (auto& keys = config.api.profile->submit.idempotency)
    options.idempotency_header = keys->header;
  made->api_ = std::make_unique<simulator>(options);
  if (auto err = made->api_->start())
    return err;
  config.rehearsed = true;
  speed_up(config, speed);
  auto profile = std::make_shared<api_profile>(*config.api.profile);
  profile->base = made->api_->base_url();
  config.api.profile = profile;
  config.api.proxy.clear();
  config.api.key = [] { return caf::expected<std::string>{"simulated"}; };
  config.ledger = made->folder_ / "ledger.sluice";
  return made;
}

} // namespace sluice
