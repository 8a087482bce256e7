// The conditions at the end of every run.

#pragma once

#include "tests/support/job_fixture.hpp"

#include <string>
#include <vector>

namespace sluice::test {

/// The account that a run printed adds up to `records`. With `same_arguments`,
/// `status` shows the same numbers, as text and as JSON.
void check_account(const job_fixture& job, const program_result& ran,
                   uint64_t records,
                   const std::vector<std::string>& same_arguments = {});

} // namespace sluice::test
