// What `resolve` lists: held batches and runs set aside, what to look for at
// the API, and the decisions as commands.

#pragma once

#include "core/api/api_profile.hpp"
#include "core/model/batch.hpp"

#include <string>
#include <vector>

namespace sluice {

/// "batch 17, 20 URLs: the reply was lost", when and to which robot it was
/// submitted, its first `urls`, and what to look for in the API's dashboard.
[[nodiscard]] std::string held_text(const stuck_batch& batch,
                                    const std::vector<std::string>& urls,
                                    const api_profile& profile);

/// The same for a run set aside.
[[nodiscard]] std::string set_aside_text(const stuck_batch& batch,
                                         const std::vector<std::string>& urls,
                                         const api_profile& profile);

/// The possible decisions about these, as commands; they name the batch if
/// there is only one.
[[nodiscard]] std::string held_decisions(const std::vector<stuck_batch>& held,
                                         const api_profile& profile);
[[nodiscard]] std::string
set_aside_decisions(const std::vector<stuck_batch>& runs);

} // namespace sluice
