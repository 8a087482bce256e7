#include "config/unusable_secrets.hpp"

#include "core/base/error.hpp"

namespace sluice::config {

std::vector<finding> unusable_secrets(const settings& job) {
  finding_list findings;
  for (auto& one : job.secrets)
    if (auto resolved = one.value(); !resolved)
      findings.add(one.at, one.key + ": " + what_of(resolved.error()));
  return findings.take();
}

} // namespace sluice::config
