// The checked settings of a job, as the rest of the program sees them.

#pragma once

#include "config/fields.hpp"
#include "config/finding.hpp"
#include "core/api/api_profile.hpp"
#include "core/base/enum_words.hpp"
#include "core/base/log.hpp"
#include "core/flow/page_window.hpp"
#include "core/flow/poll_schedule.hpp"
#include "core/flow/submit_gate.hpp"
#include "core/flow/timing.hpp"
#include "core/http/http_transport.hpp"
#include "core/input/import.hpp"
#include "core/model/batch.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct api_settings {
  std::shared_ptr<const api_profile> profile; ///< with `base_url` applied
  std::vector<std::string> profile_files;     ///< empty: a built-in profile
  secret key;
  uint32_t requests_per_minute = 120; ///< 0 = unlimited
  uint32_t burst = 30;
  uint32_t connections = 0; ///< 0 = auto; at most 16
  std::chrono::milliseconds timeout = transport_options{}.timeout;
  size_t max_body = transport_options{}.max_body;
  std::string proxy;
  std::string ca_file;
};

struct run_settings {
  enum class budget_rule { urls, none, number };
  /// A number has no word.
  static constexpr enum_words<budget_rule, 2> budget_words{
    {{"urls", budget_rule::urls}, {"none", budget_rule::none}}};
  robot_map robots;
  uint32_t urls_per_run = default_urls_per_run;
  budget_rule budget = budget_rule::urls;
  uint64_t budget_number = 0;
  uint32_t max_concurrent = slot_limits{}.max_concurrent;
  uint32_t queue_ahead = slot_limits{}.queue_ahead;
  uint32_t max_unread = slot_limits{}.max_unread;
  uint32_t retry_missing = 0;
  std::optional<uint64_t> max_credits{}; ///< for the whole job; unset: no limit
  std::chrono::milliseconds max_age{24 * 3'600'000};
  std::chrono::milliseconds max_pending{72 * 3'600'000};
};

struct poll_settings {
  duration interval = poll_pace{}.interval;
  duration min_interval = poll_pace{}.min_interval;
  duration max_interval = poll_pace{}.max_interval;

  /// Calls `visit` with each duration's key in `poll`, and the duration.
  template <class Visit>
  void for_each_duration(Visit visit) {
    visit("interval", interval);
    visit("min_interval", min_interval);
    visit("max_interval", max_interval);
  }
};

struct capture_settings {
  bool download = false; ///< each run's captures as one file
  size_t window = default_page_window;
};

struct sink_settings {
  std::string type;
  std::string name; ///< identity in the ledger
  config::section fields;
  config::place at{}; ///< in the config
};

/// A file that the job reads or writes, and the key that names it.
struct named_file {
  enum class use {
    read,
    list,
    write,
    rehearse, ///< only a rehearsal writes it
  };
  /// Absolute; a list may be a pattern. "-" is standard input, or standard
  /// output if the file is written.
  std::string path;
  std::string key;  ///< as messages call it: "sinks[0].path"
  config::place at; ///< of the key; without a line if the key is not given
  use as = use::read;
  bool is_beside = false; ///< a database makes it beside its own
};

/// A secret that a run resolves before it creates anything.
struct named_secret {
  std::string key;
  config::place at;
  secret value;
};

struct log_settings {
  enum class format { automatic, text, json };
  static constexpr enum_words<format, 3> format_words{
    {{"auto", format::automatic},
     {"text", format::text},
     {"json", format::json}}};
  log_level level = log_level::info;
  format as = format::automatic;
};

/// Where the status page and the machine interfaces are served.
struct serve_settings {
  std::string host;  ///< a name or an address; IPv6 without brackets
  uint16_t port = 0; ///< 0: any free port
};

/// How a `run` ended, for the program that `notify` calls.
enum class ending {
  done,       ///< all URLs are captured
  incomplete, ///< finished, but not all URLs are captured
  stopped,    ///< not finished
  held,       ///< batches or runs wait for a decision, finished or not
};

/// Their names in the config and in the program's input.
inline constexpr enum_words<ending, 4> ending_words{
  {{"done", ending::done},
   {"incomplete", ending::incomplete},
   {"stopped", ending::stopped},
   {"held", ending::held}}};

/// The program to run when a job ends.
struct notify_settings {
  std::vector<std::string> command; ///< the program, then its arguments
  std::vector<ending> on;
  config::place at{}; ///< of the program's name
};

/// What `captures.fetch` says of `capture_settings::download`.
inline constexpr enum_words<bool, 2> fetch_words{
  {{"pages", false}, {"download", true}}};

/// What `input.on_invalid` says of `input_options::fail_on_invalid`.
inline constexpr enum_words<bool, 2> on_invalid_words{
  {{"skip", false}, {"fail", true}}};

struct settings {
  std::string name;
  std::filesystem::path file; ///< the config file, absolute
  api_settings api;
  input_options input;
  run_settings runs;
  poll_settings poll;
  capture_settings captures;
  std::vector<sink_settings> sinks;
  std::filesystem::path ledger;
  bool ledger_varies = false;    ///< its path depends on a ${…}
  std::vector<named_file> files; ///< in no particular order
  std::vector<named_secret> secrets;
  log_settings log;
  std::optional<serve_settings> serve; ///< unset: not served
  std::optional<notify_settings> notify;
  bool rehearsed = false; ///< by `run --simulate`, which keeps no state
  timing times;
};

} // namespace sluice
