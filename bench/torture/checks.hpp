// Checks a finished job: compares its runs, both files, the webhook's
// deliveries and the account with what the API knows (truth.hpp).

#pragma once

#include "bench/torture/account_view.hpp"
#include "bench/torture/report.hpp"

namespace sluice::torture {

/// `account_text` is the output of the last `sluice run`.
void check_finished_job(report& out, const job& subject,
                        const std::string& account_text);

} // namespace sluice::torture
