#include "bench/torture/receiver.hpp"

#include "core/http/server/connection.hpp"

#include <openssl/hmac.h>

#include <stdexcept>

namespace sluice::torture {

namespace {

using namespace std::chrono_literals;

constexpr double refused = 0.01;
constexpr double lost_replies = 0.02;
constexpr auto shortest_delay = 50us;
constexpr auto longest_delay = 20ms;

/// An independent implementation, so that the program does not check itself.
std::string signature_of(const std::string& secret, const std::string& body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(body.data()), body.size(),
         digest, &size);
  std::string out = "sha256=";
  for (unsigned i = 0; i < size; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", digest[i]);
    out += digits;
  }
  return out;
}

} // namespace

receiver::receiver(uint64_t seed, std::string secret)
    : secret_{std::move(secret)}, dice_{seed} {
  shell_.Post("/hook", [this](const httplib::Request& request,
                              httplib::Response& response) {
    receive(request, response);
  });
  port_ = shell_.bind("127.0.0.1", 0);
  if (port_ == 0)
    throw std::runtime_error("no free port for the webhook receiver");
  server_ = std::thread{[this] { shell_.serve(); }};
}

receiver::~receiver() {
  shell_.shut_down();
  server_.join();
}

std::string receiver::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/hook";
}

void receiver::receive(const httplib::Request& request,
                       httplib::Response& response) {
  std::chrono::duration<double> delay;
  {
    std::lock_guard guard{mutex_};
    delay = dice_.log_uniform(shortest_delay, longest_delay);
  }
  std::this_thread::sleep_for(delay);
  switch (record(request)) {
    case fate::accept:
      response.status = 200;
      return;
    case fate::refuse:
      response.status = 503;
      return;
    case fate::lose_reply:
      web::connection::current().drop();
      return;
  }
}

receiver::fate receiver::record(const httplib::Request& request) {
  auto signature = signature_of(secret_, request.body);
  std::lock_guard guard{mutex_};
  auto drawn = dice_.hits(refused)        ? fate::refuse
               : dice_.hits(lost_replies) ? fate::lose_reply
                                          : fate::accept;
  if (request.get_header_value("X-Sluice-Signature") != signature)
    ++wrong_signatures_;
  auto& known = deliveries_[request.get_header_value("Idempotency-Key")];
  if (known.times == 0)
    known.body = request.body;
  else if (known.body != request.body)
    ++changed_bodies_;
  ++known.times;
  known.acknowledged = known.acknowledged || drawn == fate::accept;
  return drawn;
}

} // namespace sluice::torture
