#include "core/input/json_array_reader.hpp"

#include "core/base/json_scan.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

size_t breaks_in(std::string_view text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Finds where an element ends, across any number of pieces.
class element_end {
public:
  /// Continues the search from `at`. Returns true if the element ends at `at`,
  /// where its separator is.
  bool find(std::string_view text, size_t& at) {
    for (; at < text.size(); ++at)
      if (in_string_ ? !pass(text, at) : step(text[at]))
        return !in_string_;
    return false;
  }

private:
  /// Moves to the end of a string; false if the text ends inside it.
  bool pass(std::string_view text, size_t& at) {
    if (std::exchange(is_escaped_, false))
      return true;
    at = std::min(text.find_first_of("\"\\", at), text.size());
    if (at == text.size())
      return false;
    in_string_ = text[at] != '"';
    is_escaped_ = in_string_;
    return true;
  }

  bool step(char c) {
    if (c == '"')
      in_string_ = true;
    else if (c == '{' || c == '[')
      ++depth_;
    else if (depth_ == 0)
      return c == ',' || c == ']' || c == '}';
    else if (c == '}' || c == ']')
      --depth_;
    return false;
  }

  size_t depth_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
};

class json_array_reader : public list_reader {
public:
  json_array_reader(text_reader text, json_field field)
      : text_{std::move(text)}, field_{std::move(field)} {}

  caf::expected<bool> next(list_record& record) override {
    auto begins = place_ == place::begin ? begin() : place_ == place::array;
    if (!begins)
      return begins;
    if (!*begins)
      return end();
    if (auto err = skip_blanks())
      return err;
    record.line = text_.line();
    if (auto err = read_element(record))
      return err;
    return true;
  }

  [[nodiscard]] std::string form() const override {
    return "JSON array, URL in " + printable(field_.name(), 60);
  }

private:
  enum class place { begin, array, after };

  [[nodiscard]] caf::error broken(uint64_t line, std::string what) const {
    return make_error(ec::input, printable(text_.name()) + ':'
                                   + std::to_string(line) + ": "
                                   + std::move(what));
  }

  caf::error skip_blanks() {
    for (;;) {
      auto text = text_.view();
      auto end = text.data() + text.size();
      auto first =
        static_cast<size_t>(json_scan::blanks(text.data(), end) - text.data());
      text_.consume(first, breaks_in(text.substr(0, first)));
      if (first < text.size() || text_.ended())
        return caf::none;
      if (auto err = text_.read_more())
        return err;
    }
  }

  /// Finds the array; false if it is empty.
  caf::expected<bool> begin() {
    if (auto err = skip_blanks())
      return err;
    if (!text_.view().starts_with('['))
      return broken(
        text_.line(),
        text_.view().starts_with('{')
          ? "the list is not a JSON array; for one object per line "
            "write `input.format: jsonl`; to take an array out of an "
            "object, use jq: jq '.items' LIST > NEW_LIST"
          : "the list is not a JSON array: it does not begin with [; "
            "see input.format");
    text_.consume(1, 0);
    if (auto err = skip_blanks())
      return err;
    place_ = place::array;
    if (!text_.view().starts_with(']'))
      return true;
    text_.consume(1, 0);
    place_ = place::after;
    return false;
  }

  /// Checks that nothing follows the array.
  caf::expected<bool> end() {
    if (auto err = skip_blanks())
      return err;
    if (!text_.view().empty())
      return broken(text_.line(), "extra text after the JSON array; join "
                                  "arrays with jq: jq -s add LIST > NEW_LIST");
    return false;
  }

  caf::error read_element(list_record& record) {
    auto size = find_end(record.line);
    if (!size)
      return size.error();
    auto element = text_.view().substr(0, *size);
    auto follower = text_.view()[*size];
    if (follower == '}')
      return broken(record.line, "the element that begins here has one } "
                                 "too many; correct it");
    place_ = follower == ',' ? place::array : place::after;
    text_.consume(*size + 1, breaks_in(element));
    if (!prefix_.empty() || element.size() > longest_json_record) {
      keep_front(element);
      record.text = prefix_;
      record.defect = "longer than 1 MiB";
      return caf::none;
    }
    record.text = without_blanks(element);
    record.defect = field_.find(element);
    if (record.defect.empty())
      record.text = without_blanks(field_.value());
    return caf::none;
  }

  /// Returns the end of the element in the view. If the element is too long,
  /// `prefix_` keeps its beginning.
  caf::expected<size_t> find_end(uint64_t line) {
    element_end finder;
    prefix_.clear();
    size_t at = 0;
    while (!finder.find(text_.view(), at)) {
      if (text_.ended())
        return broken(line, "the JSON array ends within the element that "
                            "begins here; get the list again");
      if (at > longest_json_record) {
        keep_front(text_.view());
        text_.consume(at, breaks_in(text_.view()));
        at = 0;
      }
      if (auto err = text_.read_more())
        return err;
    }
    return at;
  }

  void keep_front(std::string_view text) {
    prefix_ += text.substr(0, max_url_bytes - prefix_.size());
  }

  text_reader text_;
  json_field field_;
  place place_ = place::begin;
  std::string prefix_; ///< of an element that is too long
};

} // namespace

std::unique_ptr<list_reader>
make_json_array_reader(text_reader text, json_field field) {
  return std::make_unique<json_array_reader>(std::move(text), std::move(field));
}

} // namespace sluice
