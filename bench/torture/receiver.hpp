// A slow and unreliable webhook receiver. It answers after a while, sometimes
// with a 503, sometimes not at all, and remembers every delivery.

#pragma once

#include "bench/torture/settings.hpp"
#include "core/http/server/http_shell.hpp"

#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace sluice::torture {

/// Everything received under one Idempotency-Key.
struct delivery {
  std::string body;
  uint64_t times = 0;
  bool acknowledged = false; ///< answered with a 2xx at least once
};

class receiver {
public:
  /// Listens on a free port of this machine. Throws if no port is free.
  receiver(uint64_t seed, std::string secret);
  ~receiver();

  [[nodiscard]] std::string url() const;

  /// Keyed by Idempotency-Key. Call only after the last delivery.
  [[nodiscard]] const std::map<std::string, delivery>& deliveries() const {
    return deliveries_;
  }
  [[nodiscard]] uint64_t wrong_signatures() const { return wrong_signatures_; }
  [[nodiscard]] uint64_t changed_bodies() const { return changed_bodies_; }

private:
  enum class fate { accept, refuse, lose_reply };

  void receive(const httplib::Request& request, httplib::Response& response);
  [[nodiscard]] fate record(const httplib::Request& request);

  const std::string secret_;
  web::http_shell shell_;
  int port_ = 0;

  std::mutex mutex_; ///< guards the members below
  dice dice_;
  std::map<std::string, delivery> deliveries_;
  uint64_t wrong_signatures_ = 0;
  uint64_t changed_bodies_ = 0;

  std::thread server_;
};

} // namespace sluice::torture
