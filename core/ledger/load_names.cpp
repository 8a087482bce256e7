#include "core/ledger/load_names.hpp"

#include "core/base/percent_encoding.hpp"
#include "core/base/replace_file.hpp"
#include "core/ledger/ledger_lock.hpp"

namespace sluice {

std::filesystem::path
state_of_load(const std::filesystem::path& ledger, std::string_view sink) {
  return ledger_lock::one_name_of(ledger).native() + ".load-"
         + percent_encode(sink);
}

std::vector<std::filesystem::path>
names_of_load(const std::filesystem::path& ledger, std::string_view sink) {
  auto state = state_of_load(ledger, sink);
  return {state, replacement_of(state), state.native() + ".lock"};
}

} // namespace sluice
