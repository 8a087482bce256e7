// The receiver of a webhook, slow and unreliable: it answers after a while,
// at times with 503, at times not at all, and remembers every delivery.

#pragma once

#include "bench/torture/settings.hpp"
#include "core/http/server/http_shell.hpp"

#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace sluice::torture {

/// What came under one Idempotency-Key.
struct delivery {
  std::string body;
  uint64_t times = 0;
  bool acknowledged = false; ///< answered 2xx at least once
};

class receiver {
public:
  /// Listens on a free port of this machine. Throws when there is none.
  receiver(uint64_t seed, std::string secret);
  ~receiver();

  [[nodiscard]] std::string url() const;

  /// By Idempotency-Key. To be asked for when nothing is delivered any more.
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

  std::mutex mutex_; ///< guards what follows
  dice dice_;
  std::map<std::string, delivery> deliveries_;
  uint64_t wrong_signatures_ = 0;
  uint64_t changed_bodies_ = 0;

  std::thread server_;
};

} // namespace sluice::torture
