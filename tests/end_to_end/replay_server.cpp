#include "tests/end_to_end/replay_server.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace sluice::test {

namespace {

std::string with_base(std::string text, const std::string& base) {
  constexpr std::string_view place = "${base}";
  for (auto at = text.find(place); at != std::string::npos;
       at = text.find(place, at))
    text.replace(at, place.size(), base);
  return text;
}

} // namespace

replay_server::replay_server(const std::filesystem::path& recording) {
  port_ = server_.bind_to_any_port("127.0.0.1");
  read(recording);
  auto answer = [this](const auto& request, auto& reply) {
    this->answer(request, reply);
  };
  server_.Get(".*", answer);
  server_.Post(".*", answer);
  thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  // A server that is not listening yet cannot be stopped.
  while (!server_.is_running())
    std::this_thread::yield();
}

replay_server::~replay_server() {
  server_.stop();
  thread_.join();
}

std::string replay_server::base() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void replay_server::read(const std::filesystem::path& recording) {
  std::ifstream in{recording};
  recorded* reply = nullptr;
  auto in_body = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("> ")) {
      reply = &replies_[line.substr(2)].emplace_back();
      in_body = false;
    } else if (reply == nullptr) {
      continue;
    } else if (in_body) {
      reply->body += with_base(line, base()) + "\n";
    } else if (line.empty()) {
      in_body = true;
    } else if (reply->status == 0) {
      reply->status = std::stoi(line);
    } else {
      auto colon = line.find(": ");
      reply->headers.emplace(line.substr(0, colon),
                             with_base(line.substr(colon + 2), base()));
    }
  }
  if (replies_.empty())
    throw std::runtime_error("no replies in " + recording.string());
}

void replay_server::answer(const httplib::Request& request,
                           httplib::Response& reply) {
  std::lock_guard guard{mutex_};
  auto key = request.method + " " + request.target;
  requests_.push_back(key);
  if (request.method == "POST")
    posted_.push_back(request.body);
  auto who = request.get_header_value("Authorization");
  if (std::find(authorizations_.begin(), authorizations_.end(), who)
      == authorizations_.end())
    authorizations_.push_back(who);
  auto known = replies_.find(key);
  if (known == replies_.end()) {
    unknown_.push_back(key);
    reply.status = 501;
    return;
  }
  auto& list = known->second;
  auto& next = list[std::min(answered_[key]++, list.size() - 1)];
  reply.status = next.status;
  reply.headers = next.headers;
  reply.body = next.body;
}

std::vector<std::string> replay_server::requests() {
  std::lock_guard guard{mutex_};
  return requests_;
}

std::vector<std::string> replay_server::unknown() {
  std::lock_guard guard{mutex_};
  return unknown_;
}

std::vector<std::string> replay_server::posted() {
  std::lock_guard guard{mutex_};
  return posted_;
}

std::vector<std::string> replay_server::authorizations() {
  std::lock_guard guard{mutex_};
  return authorizations_;
}

} // namespace sluice::test
