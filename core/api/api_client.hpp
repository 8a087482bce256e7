// The one way to call the API: blocking calls that turn orders into HTTP
// exchanges and replies into checked values. A client belongs to one worker;
// only `stop` may be called from another thread.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/api/read_verdict.hpp"
#include "core/api/submit_verdict.hpp"
#include "core/base/error.hpp"
#include "core/base/secrets.hpp"
#include "core/base/time.hpp"
#include "core/http/http_message.hpp"
#include "core/http/http_transport.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/quota.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_ticket.hpp"
#include "core/model/url_table.hpp"

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

struct submit_order {
  /// Never empty: that would start a crawl.
  std::shared_ptr<const url_table> urls;
  std::string robot;
  std::optional<uint64_t> budget;
  /// If set, its key is sent. If the request differs from the one the ticket
  /// was made for, nothing is sent.
  std::optional<submit_ticket> ticket{};
};

struct submit_reply {
  submit_verdict verdict;
  duration latency{0};
  std::optional<std::chrono::milliseconds> retry_after; ///< if hinted
  std::optional<quota_left> quota; ///< as stated by the reply
  bool hopeless = false;           ///< see read_verdict
  duration hopeless_after{0};
};

struct status_reply {
  read_verdict verdict;
  run_status run; ///< when ok
};

struct page_order {
  run_ref run;
  page_cursor cursor;
};

/// `listed_page::body` is set when ok, or when it came and is unreadable.
struct page_reply : listed_page {
  read_verdict verdict;
};

/// Asks for the location of the file with a run's captures. The profile must
/// have `download`.
struct link_order {
  run_ref run;
};

/// A URL that opens a file to anyone who has it. It is requested without the
/// key, and never shown, logged or stored.
struct signed_url {
  std::string url;
};

struct link_reply {
  read_verdict verdict;
  signed_url link; ///< when ok
};

/// Asks for the runs of a robot. The profile must have `find`.
struct run_list_order {
  std::string robot;
};

struct run_list_reply {
  read_verdict verdict;
  std::vector<listed_run> runs; ///< when ok
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
