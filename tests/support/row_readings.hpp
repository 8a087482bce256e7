// What a capture has where pointers lead, read in three ways: as row_selector
// does, with the exact reader, and with a simple model that keeps the whole
// capture.

#pragma once

#include "core/select/known_json_reader.hpp"
#include "core/select/row_walk.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

/// A capture in memory. Of several members with one name the last one counts.
class json_model {
public:
  /// nullopt if `text` is not JSON.
  static std::optional<json_model> of(std::string_view text) {
    builder made{text};
    if (read_json(text, 0, made))
      return std::nullopt;
    return std::move(*made.root);
  }

  /// The value at `pointer`, as written; nullopt if nothing is there.
  [[nodiscard]] std::optional<std::string> at(std::string_view pointer) const {
    if (pointer.empty())
      return json_;
    auto end = std::min(pointer.find('/', 1), pointer.size());
    auto found = members_.find(unescaped(pointer.substr(1, end - 1)));
    return found == members_.end() ? std::nullopt
                                   : found->second->at(pointer.substr(end));
  }

private:
  static std::string unescaped(std::string_view token) {
    std::string result;
    for (size_t i = 0; i < token.size(); ++i)
      result += token[i] != '~' ? token[i] : token[++i] == '0' ? '~' : '/';
    return result;
  }

  struct builder {
    explicit builder(std::string_view capture) : text{capture} {}

    bool name(const json_token& token) {
      key = json_text(token, scratch);
      return true;
    }
    bool scalar(const json_token& token) {
      next().json_ = text.substr(token.begin, token.end - token.begin);
      return true;
    }
    bool open(bool is_array, size_t at) {
      auto& added = next();
      added.is_array_ = is_array;
      open_at.push_back(at);
      levels.push_back(&added);
      return true;
    }
    bool close(size_t end) {
      levels.back()->json_ = text.substr(open_at.back(), end - open_at.back());
      levels.pop_back();
      open_at.pop_back();
      return true;
    }

    json_model& next() {
      if (levels.empty())
        return *root;
      auto& above = *levels.back();
      auto& added =
        above.members_[above.is_array_ ? std::to_string(above.members_.size())
                                       : key];
      added = std::make_unique<json_model>();
      return *added;
    }

    std::string_view text;
    std::unique_ptr<json_model> root = std::make_unique<json_model>();
    std::vector<json_model*> levels;
    std::vector<size_t> open_at;
    std::string key, scratch;
  };

  std::string json_;
  bool is_array_ = false;
  std::map<std::string, std::unique_ptr<json_model>> members_;
};

class row_readings {
public:
  /// What is at each pointer, as written.
  using values = std::vector<std::optional<std::string>>;

  explicit row_readings(std::vector<std::string> pointers)
      : pointers_{std::move(pointers)}, tree_{tree_of(pointers_)} {}

  /// What the model finds; nullopt if `capture` is not JSON.
  [[nodiscard]] std::optional<values> modelled(std::string_view capture) const {
    auto model = json_model::of(capture);
    if (!model)
      return std::nullopt;
    values result;
    for (auto& each : pointers_)
      result.push_back(model->at(each));
    return result;
  }

  /// What json_reader.hpp finds.
  [[nodiscard]] std::optional<values> exact(std::string_view capture) {
    walk_.start(capture);
    if (read_json(capture, 0, walk_))
      return std::nullopt;
    return found();
  }

  /// What known_json_reader.hpp finds; nullopt if it gave up.
  [[nodiscard]] std::optional<values> quick(std::string_view capture) {
    walk_.start(capture);
    if (!read_known_json(capture, walk_))
      return std::nullopt;
    return found();
  }

private:
  static pointer_tree tree_of(const std::vector<std::string>& pointers) {
    pointer_tree tree;
    tree.add(0, pointers);
    return tree;
  }

  [[nodiscard]] values found() const {
    values result(pointers_.size());
    for (pointer_tree::node at = 0;
         at < static_cast<pointer_tree::node>(tree_.size()); ++at)
      for (auto target : tree_.targets(at))
        if (auto value = walk_.value(at))
          result[target.rank] = value->json;
    return result;
  }

  std::vector<std::string> pointers_;
  pointer_tree tree_;
  row_walk walk_{tree_};
};

} // namespace sluice::test
