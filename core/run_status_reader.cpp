#include "core/run_status_reader.hpp"

#include "core/json_pointer.hpp"

#include <algorithm>
#include <limits>

namespace sluice {

namespace {

/// A longer value is none that a request or the ledger should hold.
constexpr size_t max_saved_bytes = 16 * 1024;

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// nullopt for a state that the profile does not list.
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

std::optional<int64_t>
read_time(const rapidjson::Value& root, const json_pointers& pointers) {
  auto count = find_count(root, pointers);
  if (!count || *count > std::numeric_limits<int64_t>::max())
    return std::nullopt;
  return static_cast<int64_t>(*count);
}

std::map<std::string, std::string>
read_saved(const rapidjson::Value& root, const status_dialect& dialect) {
  std::map<std::string, std::string> saved;
  for (const auto& [name, pointer] : dialect.save)
    if (auto value = find_id(root, {pointer});
        value && value->size() <= max_saved_bytes)
      saved.emplace(name, std::move(*value));
  return saved;
}

} // namespace

caf::expected<run_status>
read_run_status(const status_dialect& dialect, std::string_view body) {
  auto document = parse_json(body);
  if (!document)
    return document.error();
  auto state = find_name(*document, dialect.state);
  if (!state)
    return make_error(ec::bad_reply, "the status reply names no state; does "
                                     "the profile fit this API?");
  auto phase = phase_of(dialect, *state);
  run_status run;
  run.phase = phase.value_or(run_phase::active);
  run.known = phase.has_value();
  run.state = printable(*state);
  run.extracted = find_count(*document, dialect.extracted);
  run.queue = find_count(*document, dialect.queue);
  run.started_at_ms = read_time(*document, dialect.started_at);
  run.saved = read_saved(*document, dialect);
  return run;
}

} // namespace sluice
