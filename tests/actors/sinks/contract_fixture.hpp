// What the contract test needs to know about a sink. The test file of each sink
// defines a fixture and registers it:
//
//   const test::contract_entry entry{"null", "", [] {
//     return std::make_unique<null_fixture>();
//   }};

#pragma once

#include "tests/support/sink_sections.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace sluice::test {

/// When the job continues, what happens to captures that were written but not
/// committed.
enum class promise { exactly_once, at_least_once, nothing_kept };

/// A sink's target.
class contract_fixture {
public:
  virtual ~contract_fixture() = default;
  /// The sink's config.
  [[nodiscard]] virtual given_values section() = 0;
  [[nodiscard]] virtual promise promised() const = 0;
  /// The complete output, one line per capture.
  [[nodiscard]] virtual std::string lines() = 0;
  /// What is the same in the position before and after a restart.
  [[nodiscard]] virtual sink_position
  comparable(const sink_position& position) {
    return position;
  }
};

/// A type and the name of one of its forms.
using sink_form = std::pair<std::string, std::string>;

/// Null, with a note on standard output, if the target cannot be had here.
using make_fixture = std::function<std::unique_ptr<contract_fixture>()>;

/// All fixtures, once `main` has begun.
[[nodiscard]] std::map<sink_form, make_fixture>& contract_fixtures();

/// Registers a fixture for a form of a type; `form` is empty if the type has
/// only one.
struct contract_entry {
  contract_entry(std::string type, std::string form, make_fixture make) {
    contract_fixtures().insert_or_assign({std::move(type), std::move(form)},
                                         std::move(make));
  }
};

} // namespace sluice::test
