// One API dialect as data. Everything that differs between APIs of this kind is
// here, read from a profile file (config/profiles/*.yaml), and none of it in
// code.
//
// Pointers are RFC 6901; "" is the whole document. In a list of pointers, the
// first that resolves to the required type counts: an array for `items`; a
// string for `next`, `error`, `url`; a string or a number for `id` and `state`;
// a number for counters. `items`, `id` and `state` must match something. No
// match, null or an empty string for `next` means the last page.
//
// `${name}` is substituted in `path`, `query`, `headers` and `body`: robot,
// urls and budget for a submit, id for reads, and the names under
// `status.save`. In a body, the exact value "${urls}" becomes the array of
// URLs, "${budget}" becomes a number, and "${budget?}" drops its member if the
// budget is unset.

#pragma once

#include "core/base/enum_words.hpp"
#include "core/base/pointer_tree.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// Query parameters in order; values may contain `${name}`.
using query_template = std::vector<std::pair<std::string, std::string>>;

/// Request headers, likewise.
using header_template = query_template;

struct auth_scheme {
  enum class place { none, header, query, body, basic };
  static constexpr enum_words<place, 5> place_words{{{"none", place::none},
                                                     {"header", place::header},
                                                     {"query", place::query},
                                                     {"body", place::body},
                                                     {"basic", place::basic}}};
  place in = place::header;
  std::string name = "Authorization"; ///< header, parameter or member name
  std::string prefix = "Bearer ";     ///< before the key, in a header
};

/// The API's promise about idempotency keys: it answers a repeated submit that
/// has the same key with the first run, and creates no other.
struct idempotency_dialect {
  std::string header;                     ///< the header that carries the key
  std::chrono::milliseconds valid_for{0}; ///< how long the API remembers a key
};

struct submit_dialect {
  enum class encoding { json, form };
  static constexpr enum_words<encoding, 2> encoding_words{
    {{"json", encoding::json}, {"form", encoding::form}}};
  std::string method = "POST";
  std::string path;
  query_template query;
  header_template headers;
  encoding as = encoding::json;
  std::string body;      ///< a JSON object with `${name}` values, as text
  std::vector<int> ok;   ///< accepted status codes
  std::vector<int> safe; ///< definite statuses (besides 429) that prove that
                         ///< nothing was created
  json_pointers id;      ///< the run id in the reply
  std::optional<idempotency_dialect> idempotency; ///< unset: no such promise
};

struct status_dialect {
  std::string path;
  query_template query;
  json_pointers state;
  /// Values of `state`, compared as strings; unlisted ones count as active,
  /// with a warning.
  std::vector<std::string> queued, active, done, failed, stopped;
  json_pointers extracted;  ///< number of captures so far; may be empty
  json_pointers queue;      ///< number of URLs left to do; may be empty
  json_pointers started_at; ///< when the run left the queue, ms epoch
  /// Values of the status reply for use in later templates: name → pointer.
  std::map<std::string, std::string> save;
};

/// How to continue a listing of captures.
struct pagination {
  enum class kind {
    unknown,  ///< not documented: captures cannot be fetched
    none,     ///< one page only
    cursor,   ///< `param` takes the string or number found at `next`
    next_url, ///< `next` holds an absolute or relative URL
    offset,   ///< `param` counts captures; `size_param` asks for `size`
    page,     ///< `param` counts pages from `first`, `size_param` as above;
              ///< `more` is a boolean, which may be missing
  };
  /// `unknown` has no word: a profile leaves out `page` to mean it.
  static constexpr enum_words<kind, 5> kind_words{{{"none", kind::none},
                                                   {"cursor", kind::cursor},
                                                   {"next_url", kind::next_url},
                                                   {"offset", kind::offset},
                                                   {"page", kind::page}}};
  kind by = kind::unknown;
  std::string param;
  json_pointers next;
  std::string size_param;
  uint32_t size = 0;
  std::string total_header; ///< if counting: the header with the total
  json_pointers more;       ///< page: true if there are more pages
  uint32_t first = 1;       ///< page: number of the first page
};

struct results_dialect {
  std::string path;
  query_template query;
  json_pointers items;
  json_pointers item_id;      ///< relative to one capture
  json_pointers item_url;     ///< relative to one capture
  std::vector<int> not_ready; ///< statuses that mean "try again", e.g. 204
  pagination page;
};

struct download_dialect {
  std::string path;
  json_pointers url; ///< the signed URL, fetched without the key
  std::string codec; ///< "jsonl.lz4"
};

/// How to list runs, to find one whose submit was ambiguous.
struct find_dialect {
  std::string path;
  json_pointers items;
  json_pointers id;    ///< relative to one listed run, like the next two
  json_pointers robot; ///< may be empty
  json_pointers urls;  ///< may be empty
};

struct api_profile {
  enum class unit { urls, captures };
  static constexpr enum_words<unit, 2> unit_words{
    {{"urls", unit::urls}, {"captures", unit::captures}}};

  std::string name;
  std::string base; ///< scheme, host, port, path prefix; no final slash
  auth_scheme auth;

  /// The documented rate limit per account: a token bucket.
  uint32_t requests_per_minute = 0; ///< 0: unlimited
  uint32_t burst = 1;
  std::chrono::milliseconds wait_after_429{15'000};
  std::string wait_header = "Retry-After"; ///< the minimum wait, if sent

  submit_dialect submit;
  status_dialect status;
  results_dialect results;
  std::optional<download_dialect> download;
  std::optional<find_dialect> find;
  json_pointers error; ///< pointers to the message in an error body

  unit budget_unit = unit::urls;
  double credits_per_unit = 1;
  std::vector<std::string> unverified; ///< parts left undocumented
};

} // namespace sluice
