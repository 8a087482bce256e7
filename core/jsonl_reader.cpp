#include "core/jsonl_reader.hpp"

#include "core/json_reader.hpp"

#include <utility>

namespace sluice {

namespace {

constexpr std::string_view no_object = "not a JSON object";
constexpr std::string_view no_string = "the URL's member is not a string";
constexpr std::string_view given_twice = "the URL's member is given twice";
constexpr std::string_view no_member = "the URL's member is missing";

/// Finds one string member of the outermost object, of which there is only
/// one. Returning false ends the reading; `defect` then says why.
class member_finder {
public:
  explicit member_finder(std::string_view member) : member_{member} {}

  bool name(const json_token& token) {
    if (depth_ != 1)
      return true;
    in_member_ = json_text(token, scratch_) == member_;
    if (in_member_ && std::exchange(is_found_, true))
      return stop(given_twice);
    return true;
  }

  bool scalar(const json_token& token) {
    if (!is_wanted() || token.kind != json_kind::string)
      return other();
    value = json_text(token, scratch_);
    return true;
  }

  bool open(bool is_array, size_t) {
    if ((depth_ > 0 || is_array) && !other())
      return false;
    ++depth_;
    return true;
  }

  bool close(size_t) {
    --depth_;
    return true;
  }

  [[nodiscard]] bool is_found() const noexcept { return is_found_; }

  std::string value;
  std::string_view defect;

private:
  [[nodiscard]] bool is_wanted() const noexcept {
    return depth_ == 1 && in_member_;
  }

  /// A value other than the wanted string.
  bool other() {
    if (depth_ == 0)
      return stop(no_object);
    return is_wanted() ? stop(no_string) : true;
  }

  bool stop(std::string_view why) {
    defect = why;
    return false;
  }

  std::string_view member_;
  std::string scratch_;
  size_t depth_ = 0;
  bool in_member_ = false;
  bool is_found_ = false;
};

class jsonl_reader : public list_reader {
public:
  jsonl_reader(text_reader text, std::string member)
      : text_{std::move(text)}, member_{std::move(member)} {}

  caf::expected<bool> next(list_record& record) override {
    text_line line;
    do {
      auto more = text_.next_line(line);
      if (!more || !*more)
        return more;
    } while (line.text.starts_with('#'));
    record.line = line.number;
    record.text = line.text;
    record.defect = line.too_long ? "longer than 1 MiB" : parse(line.text);
    if (record.defect.empty())
      record.text = without_blanks(value_);
    return true;
  }

private:
  /// Puts the member into `value_`, or says why there is none.
  std::string_view parse(std::string_view json) {
    member_finder finder{member_};
    auto wrong = read_json(json, 0, finder);
    if (!finder.defect.empty())
      return finder.defect;
    if (wrong) {
      defect_ = "not valid JSON: " + std::string{wrong->what} + " (byte "
                + std::to_string(wrong->at) + ")";
      return defect_;
    }
    if (!finder.is_found())
      return no_member;
    value_ = std::move(finder.value);
    return {};
  }

  text_reader text_;
  std::string member_;
  std::string value_;
  std::string defect_;
};

} // namespace

std::unique_ptr<list_reader>
make_jsonl_reader(text_reader text, std::string member) {
  return std::make_unique<jsonl_reader>(std::move(text), std::move(member));
}

} // namespace sluice
