// A server that answers with recorded replies, on any connection.

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
  /// Reads a file from `recorded/`. Each file describes its format. In headers
  /// and bodies `${base}` becomes this server's address.
  explicit replay_server(const std::filesystem::path& recording);
  ~replay_server();
  replay_server(const replay_server&) = delete;
  replay_server& operator=(const replay_server&) = delete;

  [[nodiscard]] std::string base() const;

  /// The requests, as "METHOD /path?query", in order of arrival.
  [[nodiscard]] std::vector<std::string> requests();

  /// The requests that are not in the recording. They got a 501.
  [[nodiscard]] std::vector<std::string> unknown();

  /// The bodies of the POSTs, in order of arrival.
  [[nodiscard]] std::vector<std::string> posted();

  /// The values of Authorization, each once.
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
