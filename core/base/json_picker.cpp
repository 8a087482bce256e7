#include "core/base/json_picker.hpp"

#include "core/base/ascii.hpp"
#include "core/base/json_reader.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace sluice {

namespace {

/// A number with more digits is not a count.
constexpr size_t longest_number = 1024;

bool is_whole(std::string_view number) {
  return number.find_first_of(".eE") == number.npos;
}

/// nullopt unless the number is whole, at least 0, and exact.
std::optional<uint64_t> count_of(std::string_view number) {
  if (number.size() > longest_number)
    return std::nullopt;
  if (auto whole = read_number<uint64_t>(number))
    return whole;
  // Out of range for a double: only strtod returns infinity or 0 for it.
  auto finite = read_number<double>(number);
  auto real =
    finite ? *finite : std::strtod(std::string{number}.c_str(), nullptr);
  constexpr double exact = 9007199254740992.0; // 2^53
  if (real >= 0 && real <= exact && real == std::floor(real))
    return static_cast<uint64_t>(real);
  return std::nullopt;
}

/// True if a scalar value is of the wanted type.
bool fits(json_want what, const json_token& token) {
  auto is_text = token.kind == json_kind::string;
  auto is_number = token.kind == json_kind::number;
  switch (what) {
    case json_want::text:
      return is_text;
    case json_want::name:
      return is_text || (is_number && is_whole(token.text));
    case json_want::id:
      return !token.text.empty() && fits(json_want::name, token);
    case json_want::count:
      return is_number;
    case json_want::list:
      return false;
    case json_want::any:
      return true;
  }
  return false;
}

/// Reports where each element of the outermost array begins and ends.
class element_events {
public:
  element_events(std::string_view list,
                 const std::function<bool(std::string_view)>& take)
      : list_{list}, take_{take} {}

  bool name(const json_token&) { return true; }

  bool scalar(const json_token& token) {
    return depth_ != 1
           || take_(list_.substr(token.begin, token.end - token.begin));
  }

  bool open(bool, size_t at) {
    if (depth_++ == 1)
      begin_ = at;
    return true;
  }

  bool close(size_t end) {
    return --depth_ != 1 || take_(list_.substr(begin_, end - begin_));
  }

private:
  std::string_view list_;
  const std::function<bool(std::string_view)>& take_;
  size_t depth_ = 0;
  size_t begin_ = 0;
};

} // namespace

/// A handler for json_reader.hpp that follows the pointers through one text.
class pick_events {
public:
  pick_events(const json_picker& how, std::string_view text)
      : tree_{how.tree_},
        wishes_{how.wishes_},
        text_{text},
        picks_(wishes_.size()),
        ranks_(wishes_.size(), unset),
        seen_(tree_.size()) {}

  [[nodiscard]] std::vector<json_pick> take() { return std::move(picks_); }

  bool name(const json_token& token) {
    if (skipped_ > 0)
      return true;
    // One byte more than any pointer has, so a longer name never matches.
    auto text = json_text(token, scratch_, tree_.longest_token() + 1);
    key_ = tree_.child(levels_.back().at, text);
    if (key_ != pointer_tree::none && std::exchange(at(seen_, key_), true))
      key_ = pointer_tree::none;
    return true;
  }

  bool scalar(const json_token& token) {
    if (skipped_ > 0)
      return true;
    auto here = arrive();
    if (here == pointer_tree::none)
      return true;
    for (auto [wish, rank] : tree_.targets(here))
      if (rank < at(ranks_, wish) && take(wish, token))
        at(ranks_, wish) = rank;
    return true;
  }

  bool open(bool is_array, size_t begin) {
    if (skipped_ > 0) {
      ++skipped_;
      return true;
    }
    level next{arrive(), is_array, begin};
    if (!claim(next) && !tree_.leads_on(next.at))
      skipped_ = 1;
    else
      levels_.push_back(next);
    return true;
  }

  bool close(size_t end) {
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    auto done = levels_.back();
    levels_.pop_back();
    if (done.claimed)
      for (auto [wish, rank] : tree_.targets(done.at))
        if (at(ranks_, wish) == rank && is_wanted(wish, done.array))
          at(picks_, wish).json = text_.substr(done.begin, end - done.begin);
    return true;
  }

private:
  using node = pointer_tree::node;
  static constexpr uint32_t unset = UINT32_MAX;

  /// An open container that a pointer leads to or through.
  struct level {
    node at;
    bool array;
    size_t begin;
    bool claimed = false; ///< it is a wanted value
    uint64_t index = 0;   ///< array: elements so far
  };

  template <class T, class Place>
  static T& at(std::vector<T>& all, Place place) {
    return all[static_cast<size_t>(place)];
  }

  /// Moves to the value that begins now.
  node arrive() {
    if (levels_.empty())
      return pointer_tree::root;
    auto& above = levels_.back();
    return above.array ? tree_.element(above.at, above.index++) : key_;
  }

  [[nodiscard]] bool is_wanted(int wish, bool is_array) const {
    auto what = wishes_[static_cast<size_t>(wish)].what;
    return what == json_want::any || (what == json_want::list && is_array);
  }

  /// Claims a wanted container; its end is not known yet.
  bool claim(level& opened) {
    if (opened.at == pointer_tree::none)
      return false;
    for (auto [wish, rank] : tree_.targets(opened.at)) {
      if (!is_wanted(wish, opened.array) || rank >= at(ranks_, wish))
        continue;
      at(ranks_, wish) = rank;
      at(picks_, wish).found = opened.claimed = true;
    }
    return opened.claimed;
  }

  /// Takes a scalar value; false if it is not of the wanted type.
  bool take(int wish, const json_token& token) {
    auto [what, longest] = wishes_[static_cast<size_t>(wish)];
    if (!fits(what, token))
      return false;
    auto& pick = at(picks_, wish);
    pick.found = true;
    if (what == json_want::any)
      pick.json = text_.substr(token.begin, token.end - token.begin);
    else if (what == json_want::count)
      pick.count = count_of(token.text);
    else if (token.kind == json_kind::number && token.text == "-0")
      pick.text = "0";
    else
      pick.text = json_text(token, scratch_, longest + 1);
    return true;
  }

  const pointer_tree& tree_;
  const std::vector<json_picker::wanted>& wishes_;
  std::string_view text_;
  std::vector<json_pick> picks_;
  std::vector<uint32_t> ranks_; ///< which pointer gave each pick
  std::vector<uint8_t> seen_;   ///< nodes that a member has led to
  std::vector<level> levels_;
  std::string scratch_;           ///< for decoded texts
  size_t skipped_ = 0;            ///< depth inside an irrelevant container
  node key_ = pointer_tree::none; ///< where the last member's name leads
};

json_picker::json_picker(std::span<const json_wish> wishes) {
  wishes_.reserve(wishes.size());
  for (const auto& [what, at, longest] : wishes) {
    tree_.add(static_cast<int>(wishes_.size()), at);
    wishes_.push_back({what, longest});
  }
}

caf::expected<std::vector<json_pick>>
json_picker::pick(std::string_view text) const {
  pick_events events{*this, text};
  if (auto defect = read_json(text, 0, events))
    return make_error(ec::bad_reply,
                      "not readable as JSON: " + std::string{defect->what}
                        + " (byte " + std::to_string(defect->at) + ")");
  return events.take();
}

void each_element(std::string_view list,
                  const std::function<bool(std::string_view)>& take) {
  element_events events{list, take};
  static_cast<void>(read_json(list, 0, events));
}

} // namespace sluice
