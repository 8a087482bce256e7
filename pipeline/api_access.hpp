// Access to the API as the settings describe it: the client's options, the
// bucket that all processes with one key share, and single requests for
// commands.

#pragma once

#include "config/settings.hpp"
#include "core/api/api_client.hpp"
#include "core/flow/bucket_store.hpp"
#include "core/http/http_transport.hpp"
#include "core/model/run.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sluice {

[[nodiscard]] api_options api_options_of(const api_settings& api);

/// The same for files on hosts other than the API's.
[[nodiscard]] transport_options transport_options_of(const api_settings& api);

[[nodiscard]] bucket_limits bucket_limits_of(const api_settings& api);

/// The key's bucket, full if it was never used; in memory if there is no limit.
/// Errors: those of reading the key, and ec::disk.
[[nodiscard]] caf::expected<std::shared_ptr<bucket_store>>
open_bucket(const api_settings& api);

/// How the job identifies itself when it takes turns with others.
[[nodiscard]] sharing_job own_job_of(const settings& config);

/// The other jobs that have used the key's bucket lately, ordered by name.
/// Errors: the key's.
[[nodiscard]] caf::expected<std::vector<sharing_job>>
other_jobs_of(const settings& config);

// Single requests. Each takes a token from the shared bucket. It waits for one
// as long as necessary, or until interrupted (ec::interrupted).

[[nodiscard]] caf::expected<status_reply>
ask_status(const api_settings& api, const run_ref& run);

/// The first page of a run's captures.
[[nodiscard]] caf::expected<page_reply>
ask_first_page(const api_settings& api, const run_ref& run);

/// REQUIRES: the profile has `find`.
[[nodiscard]] caf::expected<run_list_reply>
ask_runs(const api_settings& api, const std::string& robot);

} // namespace sluice
