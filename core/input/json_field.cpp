#include "core/input/json_field.hpp"

#include "core/base/json_reader.hpp"

#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr std::string_view no_object = "not a JSON object";
constexpr std::string_view no_string = "the URL member is not a string";
constexpr std::string_view given_twice = "the URL member is given twice";
constexpr std::string_view no_member = "the URL member is missing";

/// Follows one path from the outermost object. A function returns false to stop
/// the reader; `defect` then has the reason.
class path_finder {
public:
  explicit path_finder(const pointer_tree& path)
      : path_{path}, is_seen_(path.size()) {}

  bool name(const json_token& token) {
    if (!is_on_path())
      return true;
    next_ = path_.child(here(),
                        json_text(token, scratch_, path_.longest_token() + 1));
    if (next_ == pointer_tree::none)
      return true;
    bool twice = is_seen_[static_cast<size_t>(next_)];
    is_seen_[static_cast<size_t>(next_)] = true;
    return !twice || stop(given_twice);
  }

  bool scalar(const json_token& token) {
    if (!arrive() || token.kind != json_kind::string)
      return other();
    value = json_text(token, scratch_);
    is_found = true;
    return true;
  }

  bool open(bool is_array, size_t) {
    if (depth_ == 0) {
      if (is_array)
        return stop(no_object);
      on_path_ = 1;
    } else if (is_on_path()) {
      if (arrive())
        return stop(no_string);
      if (next_ != pointer_tree::none)
        ++on_path_;
    }
    ++depth_;
    if (is_on_path()) {
      is_array_ = is_array;
      index_ = 0;
      next_ = pointer_tree::none;
    }
    return true;
  }

  bool close(size_t) {
    // A container on the path is finished once it is left.
    if (is_on_path()) {
      --on_path_;
      is_array_ = false;
      next_ = pointer_tree::none;
    }
    --depth_;
    return true;
  }

  bool is_found = false;
  std::string value;
  std::string_view defect;

private:
  /// True if the innermost open container is on the path.
  [[nodiscard]] bool is_on_path() const noexcept {
    return depth_ > 0 && depth_ == on_path_;
  }

  [[nodiscard]] pointer_tree::node here() const noexcept {
    return static_cast<pointer_tree::node>(on_path_) - 1;
  }

  /// Moves to the value that begins now; true if the path ends there.
  bool arrive() {
    if (!is_on_path())
      return false;
    if (is_array_)
      next_ = path_.element(here(), index_++);
    return next_ != pointer_tree::none && !path_.leads_on(next_);
  }

  /// A value that is not the wanted string.
  bool other() {
    if (depth_ == 0)
      return stop(no_object);
    auto is_end =
      is_on_path() && next_ != pointer_tree::none && !path_.leads_on(next_);
    return !is_end || stop(no_string);
  }

  bool stop(std::string_view why) {
    defect = why;
    return false;
  }

  const pointer_tree& path_;
  std::vector<bool> is_seen_; ///< by node
  std::string scratch_;
  size_t depth_ = 0;
  size_t on_path_ = 0;    ///< open containers that the path leads through
  bool is_array_ = false; ///< of the innermost container on the path
  uint64_t index_ = 0;    ///< its elements so far
  pointer_tree::node next_ = pointer_tree::none; ///< where the next value leads
};

/// The pointer to a member of the outermost object.
std::string pointer_to(std::string_view member) {
  std::string out = "/";
  for (char c : member)
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  return out;
}

} // namespace

json_field::json_field(std::string field) : name_{std::move(field)} {
  auto pointer = name_.starts_with('/') ? name_ : pointer_to(name_);
  path_.add(0, {&pointer, 1});
}

caf::expected<json_field> json_field::create(std::string field) {
  json_field out{std::move(field)};
  if (out.path_.leads_to(pointer_tree::root, 0))
    return out;
  return make_error(ec::input,
                    "input.field is \"" + printable(out.name_, 60)
                      + "\", which is not a JSON Pointer: write ~0 for "
                        "~ and ~1 for / in a name");
}

std::string_view json_field::find(std::string_view json) {
  path_finder finder{path_};
  auto wrong = read_json(json, 0, finder);
  if (!finder.defect.empty())
    return finder.defect;
  if (wrong) {
    defect_ = "not valid JSON: " + std::string{wrong->what} + " (byte "
              + std::to_string(wrong->at) + ")";
    return defect_;
  }
  if (!finder.is_found)
    return no_member;
  value_ = std::move(finder.value);
  return {};
}

} // namespace sluice
