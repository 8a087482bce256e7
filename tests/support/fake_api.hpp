// The API for tests: functions make the replies, and orders are recorded.
// Replaces the whole pool, or one worker behind the real pool.

#pragma once

#include "actors/protocol.hpp"
#include "core/model/capture_page.hpp"
#include "core/model/run.hpp"
#include "tests/support/held_replies.hpp"
#include "tests/support/journal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sluice::test {

// -- replies ------------------------------------------------------------------

[[nodiscard]] submit_reply accepted_as(std::string run_id);

[[nodiscard]] submit_reply
answered_with(submit_action action, std::string message = "no");

[[nodiscard]] submit_reply refused_429();

[[nodiscard]] read_verdict
read_as(read_outcome outcome, std::string message = {});

[[nodiscard]] status_reply
status_of(run_phase phase, std::optional<uint64_t> extracted = {});

[[nodiscard]] status_reply status_failing(read_outcome outcome);

/// The identity that `page_with` gives to a capture of this name.
[[nodiscard]] capture_identity identity_named(const std::string& name);

/// A page with captures of these names. A name is also the URL and appears
/// quoted in the body, which is padded with blanks to `bytes`.
[[nodiscard]] page_reply page_with(const std::vector<std::string>& names,
                                   std::optional<page_cursor> next = {},
                                   size_t bytes = 0);

/// A page with a defect after the captures of these names.
[[nodiscard]] page_reply
page_unreadable(const std::vector<std::string>& names = {});

[[nodiscard]] page_reply page_failing(read_outcome outcome);

// -- the API ------------------------------------------------------------------

/// Shared by the test and the actors that answer for it.
struct fake_api {
  std::function<submit_reply(const submit_order&)> on_submit =
    [this](const submit_order&) {
      return accepted_as("run_" + std::to_string(submits.size()));
    };
  std::function<status_reply(const run_ref&)> on_status = [](const run_ref&) {
    return status_of(run_phase::active);
  };
  std::function<page_reply(const page_order&)> on_page = [](const page_order&) {
    return page_with({});
  };
  std::function<link_reply(const link_order&)> on_link = [](const link_order&) {
    return link_reply{};
  };
  std::function<run_list_reply(const run_list_order&)> on_runs =
    [](const run_list_order&) { return run_list_reply{}; };
  std::function<read_verdict()> on_probe = [] {
    return read_as(read_outcome::ok);
  };

  /// While true, replies are held back until `answer`.
  bool silent = false;

  std::vector<submit_order> submits;
  std::vector<run_ref> polls;
  std::vector<page_order> pages;
  std::vector<link_order> links;
  uint64_t probes = 0;
  std::vector<permit> permits; ///< those that came with requests
  journal_ptr log = std::make_shared<journal>();
  held_replies held;

  /// Answers the `count` oldest requests held back.
  void answer(size_t count = SIZE_MAX) { held.answer(count); }

  [[nodiscard]] submit_reply reply_to(const submit_order& order);
  [[nodiscard]] status_reply reply_to(const run_ref& run);
  [[nodiscard]] page_reply reply_to(const page_order& order);
  [[nodiscard]] link_reply reply_to(const link_order& order);
  [[nodiscard]] run_list_reply reply_to(const run_list_order& order);
  [[nodiscard]] read_verdict reply_to(atoms::probe_atom);
};

using fake_api_ptr = std::shared_ptr<fake_api>;

holding<api_pool_actor>::behavior_type
fake_pool(holding<api_pool_actor>::pointer self, fake_api_ptr api);

holding<api_worker_actor>::behavior_type
fake_worker(holding<api_worker_actor>::pointer self, fake_api_ptr api);

} // namespace sluice::test
