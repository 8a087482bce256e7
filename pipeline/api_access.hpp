// How the settings reach the API: the client's options, the bucket that all
// processes with one key share, and a single request for a command.

#pragma once

#include "config/settings.hpp"
#include "core/api/api_client.hpp"
#include "core/flow/bucket_store.hpp"
#include "core/http/http_transport.hpp"
#include "core/model/run.hpp"

#include <memory>
#include <string>

namespace sluice {

[[nodiscard]] api_options api_options_of(const api_settings& api);

/// The same for files that are not the API's.
[[nodiscard]] transport_options transport_options_of(const api_settings& api);

[[nodiscard]] bucket_limits bucket_limits_of(const api_settings& api);

/// The bucket of the key, full when nobody has used it yet; in memory when
/// there is no limit. Errors: the key's, ec::disk.
[[nodiscard]] caf::expected<std::shared_ptr<bucket_store>>
open_bucket(const api_settings& api);

// Single requests, each on a token of the shared bucket: they wait for it as
// long as it takes, or until interrupted (ec::interrupted).

[[nodiscard]] caf::expected<status_reply>
ask_status(const api_settings& api, const run_ref& run);

/// The first page of a run's captures.
[[nodiscard]] caf::expected<page_reply>
ask_first_page(const api_settings& api, const run_ref& run);

/// REQUIRES: the profile has `find`.
[[nodiscard]] caf::expected<run_list_reply>
ask_runs(const api_settings& api, const std::string& robot);

} // namespace sluice
