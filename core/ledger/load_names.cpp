#include "core/ledger/load_names.hpp"

#include "core/base/percent_encoding.hpp"
#include "core/base/replace_file.hpp"
#include "core/ledger/ledger_lock.hpp"

namespace sluice {

namespace {

/// Without a dot, so that no sink's state has the name of another's lock.
std::string name_part(std::string_view sink) {
  std::string text;
  for (auto c : percent_encode(sink))
    if (c == '.')
      append_encoded(text, c);
    else
      text += c;
  return text;
}

} // namespace

std::filesystem::path
state_of_load(const std::filesystem::path& ledger, std::string_view sink) {
  return ledger_lock::one_name_of(ledger).native() + ".load-" + name_part(sink);
}

std::vector<std::filesystem::path>
names_of_load(const std::filesystem::path& ledger, std::string_view sink) {
  auto state = state_of_load(ledger, sink);
  return {state, replacement_of(state), state.native() + ".lock"};
}

} // namespace sluice
