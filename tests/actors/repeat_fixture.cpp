#include "tests/actors/repeat_fixture.hpp"

namespace sluice::test {

submit_reply lost() {
  return answered_with(submit_action::hold, "timeout");
}

submit_reply status_reply_of(int status, submit_action action, bool not_sent) {
  auto reply = answered_with(action, "HTTP " + std::to_string(status) + ": no");
  reply.verdict.status = status;
  reply.verdict.not_sent = not_sent;
  return reply;
}

repeat_fixture::repeat_fixture() {
  config.wall_ms = [this] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
             now().time_since_epoch() + set_by)
      .count();
  };
  config.idempotent = idempotent_submits{
    submit_repeat{std::chrono::hours{1}, std::chrono::seconds{30}},
    [this](const submit_order&, int64_t now_ms) {
      submit_ticket ticket;
      ticket.key = "key_" + std::to_string(++tickets);
      ticket.first_sent_at_ms = now_ms;
      return caf::expected<submit_ticket>{ticket};
    }};
}

void repeat_fixture::answer_with(std::vector<submit_reply> replies) {
  api->on_submit = [=, this](const submit_order&) {
    auto number = api->submits.size();
    return number <= replies.size()
             ? replies[number - 1]
             : accepted_as("run_" + std::to_string(number));
  };
}

std::vector<std::string> repeat_fixture::keys_sent() const {
  std::vector<std::string> keys;
  for (auto& order : api->submits)
    keys.push_back(order.ticket ? order.ticket->key : "none");
  return keys;
}

} // namespace sluice::test
