#include "core/api/run_status_reader.hpp"

#include "core/base/contains.hpp"
#include "core/base/json_picker.hpp"
#include "core/model/run.hpp"

#include <limits>

namespace sluice {

namespace {

/// Limits a saved value, which goes into requests and into the ledger.
constexpr size_t max_saved_bytes = 16 * 1024;

/// No profile lists a longer state. Far less is shown, so this cut cannot leave
/// part of a secret visible.
constexpr size_t max_state_bytes = 64 * 1024;

/// nullopt if the profile does not list the state.
std::optional<run_phase>
phase_of(const status_dialect& dialect, const std::string& state) {
  if (contains(dialect.queued, state))
    return run_phase::queued;
  if (contains(dialect.active, state))
    return run_phase::active;
  if (contains(dialect.done, state))
    return run_phase::done;
  if (contains(dialect.failed, state))
    return run_phase::failed;
  if (contains(dialect.stopped, state))
    return run_phase::stopped;
  return std::nullopt;
}

std::optional<int64_t> time_of(const json_pick& pick) {
  if (!pick.count || *pick.count > std::numeric_limits<int64_t>::max())
    return std::nullopt;
  return static_cast<int64_t>(*pick.count);
}

/// The values picked from a status, in this order.
struct wish {
  enum : size_t { state, extracted, queue, started_at, first_saved };
};

json_picker picker_of(const status_dialect& dialect) {
  std::vector<json_wish> wishes{
    {json_want::name, dialect.state, max_state_bytes},
    {json_want::count, dialect.extracted},
    {json_want::count, dialect.queue},
    {json_want::count, dialect.started_at},
  };
  for (const auto& [name, pointer] : dialect.save)
    wishes.push_back({json_want::id, {&pointer, 1}, max_saved_bytes});
  return json_picker{wishes};
}

} // namespace

caf::expected<run_status>
read_run_status(const status_dialect& dialect, std::string_view body) {
  auto picks = picker_of(dialect).pick(body);
  if (!picks)
    return picks.error();
  auto& found = *picks;
  if (!found[wish::state].found)
    return make_error(ec::bad_reply, "the status reply has no state; does "
                                     "the profile fit this API?");
  const auto& state = found[wish::state].text;
  auto phase = phase_of(dialect, state);
  run_status run;
  run.phase = phase.value_or(run_phase::active);
  run.known = phase.has_value();
  run.state = printable(state);
  run.extracted = found[wish::extracted].count;
  run.queue = found[wish::queue].count;
  run.started_at_ms = time_of(found[wish::started_at]);
  auto saved = found.begin() + wish::first_saved;
  for (const auto& [name, pointer] : dialect.save) {
    if (saved->found && saved->text.size() <= max_saved_bytes)
      run.saved.emplace(name, std::move(saved->text));
    ++saved;
  }
  return run;
}

} // namespace sluice
