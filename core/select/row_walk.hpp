// Follows a reader's events through one capture and records the values that
// pointers lead to.

#pragma once

#include "core/base/json_reader.hpp"
#include "core/base/pointer_tree.hpp"
#include "core/select/row_steps.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A value of a capture, as it is written there.
struct found_value {
  enum class kind : uint8_t { null, yes, no, number, string, container };

  kind what = kind::null;
  bool escaped = false;  ///< a string with escapes
  std::string_view json; ///< with the quotes of a string
};

/// A handler for json_reader.hpp and known_json_reader.hpp. Of several
/// members with one name the last one counts, with all that is below it.
class row_walk {
public:
  using node = pointer_tree::node;

  /// `tree` must outlive the walk and not grow.
  explicit row_walk(const pointer_tree& tree);

  /// Begins a capture, or begins it again; forgets what was found before.
  void start(std::string_view capture) {
    capture_ = capture;
    levels_.clear();
    skipped_ = 0;
    started_ = ++clock_;
  }

  bool name(const json_token& token) {
    if (skipped_ > 0)
      return true;
    if (token.escaped && !are_escapes(token.text))
      return false;
    auto above = levels_.back().at;
    key_ =
      steps_from(above).to_member(token.escaped ? decoded(token) : token.text);
    arrive(key_, above);
    return true;
  }

  bool scalar(const json_token& token) {
    if (skipped_ > 0)
      return true;
    auto at = next_value();
    if (at == pointer_tree::none)
      return true;
    if (token.escaped && !are_escapes(token.text))
      return false;
    record(at, kind_of(token.kind), token.begin, token.end, token.escaped);
    return true;
  }

  bool open(bool is_array, size_t begin) {
    if (skipped_ > 0) {
      ++skipped_;
      return true;
    }
    auto at = next_value();
    if (at != pointer_tree::none)
      record(at, found_value::kind::container, begin, begin, false);
    levels_.push_back({at, begin, is_array, 0});
    auto leads_on = at != pointer_tree::none && steps_from(at).lead_on();
    skipped_ = leads_on ? 0 : 1;
    return true;
  }

  bool close(size_t end) {
    if (skipped_ > 1) {
      --skipped_;
      return true;
    }
    skipped_ = 0;
    auto& closed = levels_.back();
    if (closed.at != pointer_tree::none)
      place_of(closed.at).value.json =
        capture_.substr(closed.begin, end - closed.begin);
    levels_.pop_back();
    return true;
  }

  /// True inside a container that no pointer leads through.
  [[nodiscard]] bool skips() const { return skipped_ > 0; }

  /// The value at `at`; nullptr if the capture has none there.
  [[nodiscard]] const found_value* value(node at) const;

private:
  struct place {
    found_value value{};
    uint64_t arrived = 0; ///< when a member or element last led here
    node above = pointer_tree::none;
  };

  /// An open container. The last one may be skipped.
  struct level {
    node at;
    size_t begin;
    bool is_array;
    uint64_t index; ///< of an array: elements so far
  };

  static found_value::kind kind_of(json_kind kind) {
    static_assert(static_cast<int>(json_kind::string)
                  == static_cast<int>(found_value::kind::string));
    return static_cast<found_value::kind>(kind);
  }

  [[nodiscard]] const row_steps& steps_from(node at) const {
    return steps_[static_cast<size_t>(at)];
  }
  [[nodiscard]] place& place_of(node at) {
    return places_[static_cast<size_t>(at)];
  }
  [[nodiscard]] const place& place_of(node at) const {
    return places_[static_cast<size_t>(at)];
  }

  /// Notes that a value begins at `at`, which makes older ones below stale.
  void arrive(node at, node above) {
    if (at == pointer_tree::none)
      return;
    place_of(at).arrived = ++clock_;
    place_of(at).above = above;
  }

  node next_value() {
    if (levels_.empty()) {
      arrive(pointer_tree::root, pointer_tree::none);
      return pointer_tree::root;
    }
    auto& above = levels_.back();
    if (!above.is_array)
      return key_;
    auto at = steps_from(above.at).to_element(above.index++);
    arrive(at, above.at);
    return at;
  }

  void record(node at, found_value::kind what, size_t begin, size_t end,
              bool escaped) {
    place_of(at).value = {what, escaped, capture_.substr(begin, end - begin)};
  }

  /// known_json_reader.hpp does not check them.
  [[nodiscard]] static bool are_escapes(std::string_view text);
  [[nodiscard]] std::string_view decoded(const json_token& name);

  std::vector<row_steps> steps_; ///< from each node
  std::vector<place> places_;    ///< one for each node
  size_t longest_name_;          ///< in any pointer
  std::string_view capture_;
  std::vector<level> levels_;
  size_t skipped_ = 0; ///< depth inside the last level, if that is skipped
  node key_ = pointer_tree::none; ///< where the last member's name leads
  uint64_t clock_ = 0;            ///< counts arrivals
  uint64_t started_ = 0;
  std::string scratch_;
};

} // namespace sluice
