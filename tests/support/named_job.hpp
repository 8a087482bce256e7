// While the object exists, the commands in messages name this job.

#pragma once

#include "core/base/job_command.hpp"

#include <string>
#include <vector>

namespace sluice::test {

struct named_job {
  explicit named_job(const std::filesystem::path& config,
                     const std::vector<std::string>& overrides = {}) {
    name_job(config, overrides);
  }
  ~named_job() { forget_job(); }
  named_job(const named_job&) = delete;
  named_job& operator=(const named_job&) = delete;
};

} // namespace sluice::test
