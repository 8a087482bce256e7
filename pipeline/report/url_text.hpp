// What `status --url` says of one URL: the batches and runs that had it, when,
// and what came of it.

#pragma once

#include "config/settings.hpp"
#include "core/model/account.hpp"
#include "core/model/import_target.hpp"

#include <string>
#include <vector>

namespace sluice {

/// The name of a state on the command line and in lists: "set_aside".
[[nodiscard]] const char* name_of(url_state state) noexcept;

/// Lines for a URL that is in these places, at least one; of more than `most`
/// those are shown.
[[nodiscard]] std::string url_text(std::string_view url,
                                   const std::vector<url_place>& places,
                                   size_t most, const settings& config);

/// The same for an invalid record.
[[nodiscard]] std::string url_text(const invalid_record& record);

} // namespace sluice
