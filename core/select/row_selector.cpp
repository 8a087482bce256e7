#include "core/select/row_selector.hpp"

#include "core/select/cell_value.hpp"
#include "core/select/known_json_reader.hpp"
#include "core/select/row_walk.hpp"

#include <utility>

namespace sluice {

namespace {

using node = pointer_tree::node;

pointer_tree tree_of(const column_list& columns) {
  pointer_tree tree;
  for (size_t i = 0; i < columns.size(); ++i)
    tree.add(static_cast<int>(i), columns[i].from);
  return tree;
}

/// For each column, where its pointers end, in their order; none for those that
/// are malformed.
std::vector<std::vector<node>>
ends_in(const pointer_tree& tree, const column_list& columns) {
  std::vector<std::vector<node>> ends;
  for (auto& each : columns)
    ends.emplace_back(each.from.size(), pointer_tree::none);
  for (node at = 0; at < static_cast<node>(tree.size()); ++at)
    for (auto [list, rank] : tree.targets(at))
      ends[static_cast<size_t>(list)][rank] = at;
  return ends;
}

/// The text of an own value; for a number in `scratch`.
std::string_view
own_text(own_value wanted, const own_values& own, std::string& scratch) {
  switch (wanted) {
    case own_value::run:
      return own.run;
    case own_value::robot:
      return own.robot;
    case own_value::batch:
      return own.batch ? scratch = std::to_string(*own.batch)
                       : std::string_view{};
    case own_value::delivery:
      return scratch = std::to_string(own.delivery);
    case own_value::delivered_at:
      return own.delivered_at;
    case own_value::job:
      return own.job;
  }
  return {};
}

} // namespace

struct row_selector::state {
  explicit state(column_list wanted)
      : columns{std::move(wanted)},
        tree{tree_of(columns)},
        ends{ends_in(tree, columns)},
        cells(columns.size()),
        scratch(columns.size()) {}

  void read(std::string_view capture) {
    walk.start(capture);
    if (!read_known_json(capture, walk))
      walk.start({}); // not JSON, so it has no values
  }

  /// Sets the cell of the column at `place` by the capture read last.
  void select(size_t place) {
    auto& out = cells[place];
    out = {};
    for (auto end : ends[place]) {
      auto value = end == pointer_tree::none ? nullptr : walk.value(end);
      if (value == nullptr || value->what == found_value::kind::null)
        continue;
      set_cell(out, columns[place], *value, scratch[place]);
      if (out.state == cell_state::value)
        return;
    }
  }

  void set_own(size_t place, const own_values& own) {
    auto& out = cells[place];
    out.text = own_text(*columns[place].own, own, scratch[place]);
    out.state = out.text.empty() ? cell_state::missing : cell_state::value;
  }

  column_list columns;
  pointer_tree tree;
  std::vector<std::vector<node>> ends; ///< one list for each column
  row_walk walk{tree};
  std::vector<cell> cells;
  std::vector<std::string> scratch; ///< one for each column
};

row_selector::row_selector(column_list columns)
    : state_{std::make_unique<state>(std::move(columns))} {}

row_selector::~row_selector() = default;
row_selector::row_selector(row_selector&&) noexcept = default;
row_selector& row_selector::operator=(row_selector&&) noexcept = default;

const column_list& row_selector::columns() const {
  return state_->columns;
}

std::span<const cell>
row_selector::select(std::string_view capture, const own_values& own) {
  state_->read(capture);
  for (size_t i = 0; i < state_->cells.size(); ++i)
    if (state_->columns[i].own)
      state_->set_own(i, own);
    else
      state_->select(i);
  return state_->cells;
}

} // namespace sluice
