// A server that answers with recorded replies, whatever connection a request
// comes on.

#pragma once

#include <httplib.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

class replay_server {
public:
  /// Reads a file of `recorded/`, each of which says how it is written. In
  /// headers and bodies `${base}` becomes this server's address.
  explicit replay_server(const std::filesystem::path& recording);
  ~replay_server();
  replay_server(const replay_server&) = delete;
  replay_server& operator=(const replay_server&) = delete;

  [[nodiscard]] std::string base() const;

  /// What was asked, "METHOD /path?query", in order of arrival.
  [[nodiscard]] std::vector<std::string> requests();

  /// The requests that the recording does not have; they got a 501.
  [[nodiscard]] std::vector<std::string> unknown();

  /// The bodies of the POSTs, in order of arrival.
  [[nodiscard]] std::vector<std::string> posted();

  /// What came as Authorization, each value once.
  [[nodiscard]] std::vector<std::string> authorizations();

private:
  struct recorded {
    int status = 0;
    httplib::Headers headers;
    std::string body;
  };

  void read(const std::filesystem::path& recording);
  void answer(const httplib::Request& request, httplib::Response& reply);

  httplib::Server server_;
  int port_ = 0;
  std::map<std::string, std::vector<recorded>> replies_;
  std::mutex mutex_;
  std::map<std::string, size_t> answered_;
  std::vector<std::string> requests_, unknown_, posted_, authorizations_;
  std::thread thread_;
};

} // namespace sluice::test
