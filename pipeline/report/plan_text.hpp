// What `sluice plan` prints.

#pragma once

#include "config/settings.hpp"
#include "core/flow/job_plan.hpp"
#include "core/input/host_counts.hpp"
#include "core/model/import_target.hpp"

#include <string>
#include <vector>

namespace sluice {

/// A report for people: the input with its largest hosts, the requests, the
/// shortest time and what limits it, the most credits, and what would be
/// faster. `invalid` are the first few; `hosts` are counted per robot.
[[nodiscard]] std::string
plan_text(const settings& config, const import_counts& counts,
          const urls_by_robot& urls, const host_counts& hosts,
          const std::vector<invalid_record>& invalid, const plan_terms& terms);

/// The most credits the job can cost: nullopt if the budget sets no bound.
[[nodiscard]] std::optional<double>
most_credits(const settings& config, uint64_t urls, uint64_t runs);

} // namespace sluice
