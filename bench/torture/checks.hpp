// The promises, held against the truth once a job is finished.

#pragma once

#include "bench/torture/account_view.hpp"
#include "bench/torture/report.hpp"

namespace sluice::torture {

/// `account_text` is what the last `sluice run` printed.
void check_finished_job(report& out, const job& subject,
                        const std::string& account_text);

} // namespace sluice::torture
