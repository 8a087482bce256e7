// The fixture of the sink `null`, which has no tests of its own.

#include "tests/actors/sinks/contract_fixture.hpp"

using namespace sluice;
using test::promise;

namespace {

class null_fixture : public test::contract_fixture {
public:
  test::given_values section() override { return {}; }
  promise promised() const override { return promise::nothing_kept; }
  std::string lines() override { return {}; }
};

const test::contract_entry null_entry{
  "null", "", [] { return std::make_unique<null_fixture>(); }};

} // namespace
