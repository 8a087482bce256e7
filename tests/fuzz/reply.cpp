// Replies to submits and status requests, error replies, and lists of runs. The
// first line of an input is `header: value`; the rest is the body.

#include "core/api/listed_runs.hpp"
#include "core/api/read_verdict.hpp"
#include "core/api/reply_reader.hpp"
#include "core/api/run_status_reader.hpp"
#include "core/api/submit_verdict.hpp"
#include "core/base/ascii.hpp"
#include "core/model/run.hpp"
#include "tests/fuzz/input.hpp"

#include <iterator>

using namespace sluice;
using fuzz::must;

namespace {

constexpr int statuses[] = {200, 201, 204, 302, 303, 400, 401, 402, 403,
                            404, 408, 409, 413, 422, 425, 429, 500, 503};

constexpr size_t longest_message = 4'000;

http_reply read_reply(fuzz::input& in) {
  http_reply reply;
  reply.outcome = static_cast<transport_outcome>(in.below(4));
  reply.status = statuses[in.below(std::size(statuses))];
  auto field = in.line();
  auto colon = field.find(':');
  if (colon != std::string_view::npos)
    reply.headers.emplace(lower_case(std::string{field.substr(0, colon)}),
                          field.substr(colon + 1));
  reply.body = in.rest();
  reply.detail = field;
  return reply;
}

void check_submit(const api_profile& profile, const http_reply& reply) {
  auto verdict = judge_submit(profile, reply);
  if (verdict.action == submit_action::accepted) {
    must(reply.status / 100 == 2 && is_run_id(verdict.run_id));
    must(reply.outcome == transport_outcome::complete);
  }
  must(verdict.message.size() <= longest_message);
}

void check_read(const api_profile& profile, const http_reply& reply) {
  auto verdict = judge_read(profile, reply);
  must(verdict.outcome != read_outcome::ok || reply.status / 100 == 2);
  must(verdict.message.size() <= longest_message);
  if (auto status = read_run_status(profile.status, reply.body))
    must(!status->known || !status->state.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  auto profile = fuzz::profile_number(in.below(fuzz::profile_count));
  auto reply = read_reply(in);
  check_submit(*profile, reply);
  check_read(*profile, reply);
  if (profile->find)
    if (auto runs = read_listed_runs(*profile->find, reply.body))
      for (auto& run : *runs)
        must(is_run_id(run.id));
  return 0;
}
