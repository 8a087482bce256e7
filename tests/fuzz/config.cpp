// A job's config and a profile.

#include "config/load.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  if (in.below(2) == 0) {
    auto file = fuzz::write_file("job.yaml", in.rest());
    auto loaded = config::load(file, {}, {}, config::key_rule::optional);
    must(loaded.value.has_value() == loaded.findings.empty());
  } else {
    fuzz::write_file("profile.yaml", in.rest());
    auto loaded = config::load_profile("profile.yaml", fuzz::folder());
    must((loaded.value != nullptr) == loaded.findings.empty());
  }
  return 0;
}
