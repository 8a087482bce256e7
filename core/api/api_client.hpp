// The one way to call the API: blocking calls that turn orders into HTTP
// exchanges and replies into checked values. A client belongs to one worker;
// only `stop` may be called from another thread.

#pragma once

#include "core/api/api_calls.hpp"
#include "core/api/api_profile.hpp"
#include "core/base/secrets.hpp"
#include "core/http/http_transport.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct api_options {
  std::shared_ptr<const api_profile> profile; ///< its base already replaced
  secret key;
  std::chrono::milliseconds timeout = transport_options{}.timeout;
  size_t max_body = transport_options{}.max_body; ///< bytes, decompressed
  std::string proxy;                              ///< empty: none
  std::string ca_file; ///< empty: the system's CA certificates
};

class api_client {
public:
  explicit api_client(api_options options);
  ~api_client();
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  /// Submits on a new connection. Never throws. Any failure after the request
  /// may have left is `submit_action::hold`.
  [[nodiscard]] submit_reply submit(const submit_order& order);
  [[nodiscard]] status_reply status(const run_ref& run);
  [[nodiscard]] page_reply page(const page_order& order);

  /// REQUIRES: the profile has `download`.
  [[nodiscard]] link_reply link(const link_order& order);

  /// Returns one page of the list. REQUIRES: the profile has `find`.
  [[nodiscard]] run_list_reply runs(const run_list_order& order);

  /// Sends a harmless request. ok if the API answers at all with a status below
  /// 500, which `status` then holds (429 and its wait included).
  [[nodiscard]] read_verdict probe();

  /// Ends the exchange in progress, if any; all later ones fail at once.
  /// Thread-safe.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
