// What the API is asked and what it answers: the orders that api_client carries
// out, and its replies. Values only.

#pragma once

#include "core/api/read_verdict.hpp"
#include "core/api/submit_verdict.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/run.hpp"
#include "core/model/submit_ticket.hpp"
#include "core/model/url_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct submit_order {
  /// Never empty: an empty list would start a crawl.
  std::shared_ptr<const url_table> urls;
  std::string robot;
  std::optional<uint64_t> budget;
  /// If set, its key is sent. If the request differs from the one the ticket
  /// was made for, nothing is sent.
  std::optional<submit_ticket> ticket{};
};

struct submit_reply {
  submit_verdict verdict;
};

struct status_reply {
  read_verdict verdict;
  run_status run; ///< when ok
};

struct page_order {
  run_ref run;
  page_cursor cursor;
};

/// `listed_page::body` is set if the page is ok, or if it arrived but is
/// unreadable.
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

} // namespace sluice
