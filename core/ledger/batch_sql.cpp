#include "core/ledger/batch_sql.hpp"

namespace sluice {

namespace {

std::string state_is_one_of(const std::vector<batch_state>& states) {
  if (states.size() == 1)
    return "state = " + quoted(states.front());
  std::string list;
  for (auto state : states)
    list += (list.empty() ? "" : ", ") + quoted(state);
  return "state IN (" + list + ")";
}

std::vector<batch_state> origins(batch_change by) {
  std::vector<batch_state> result;
  for (auto& row : batch_transitions)
    if (row.by == by)
      result.push_back(row.from);
  return result;
}

} // namespace

std::string quoted(batch_state state) {
  return "'" + std::string{name_of(state)} + "'";
}

std::string state_is(std::initializer_list<batch_state> states) {
  return state_is_one_of(states);
}

std::string state_is_not(batch_state state) {
  return "state <> " + quoted(state);
}

std::string update_all(batch_change by, std::string_view values) {
  return "UPDATE batch SET state = " + quoted(target_of(by))
         + std::string{values} + " WHERE " + state_is_one_of(origins(by));
}

std::string update_one(batch_change by, std::string_view values) {
  return update_all(by, values) + " AND id = ?1";
}

std::string origins_of(batch_change by) {
  std::string result;
  for (auto state : origins(by))
    result += (result.empty() ? "" : " or ") + std::string{name_of(state)};
  return result;
}

} // namespace sluice
