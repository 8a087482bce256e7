#include "core/input/text_reader.hpp"

#include "core/base/url.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr size_t least_window = 256 * 1024;

/// The encoding of text that is not UTF-8, by its first bytes; nullptr if they
/// are inconclusive.
const char* wide_encoding(std::string_view text) {
  using namespace std::string_view_literals;
  auto starts = [&](std::string_view with) { return text.starts_with(with); };
  if (starts("\xFF\xFE\0\0"sv) || starts("\0\0\xFE\xFF"sv))
    return "UTF-32";
  if (starts("\xFF\xFE") || starts("\xFE\xFF"))
    return "UTF-16";
  if (text.size() < 4)
    return nullptr;
  auto zeros = [&](size_t at) { return !text[at] && !text[at + 2]; };
  auto others = [&](size_t at) { return text[at] && text[at + 2]; };
  if (others(0) && zeros(1))
    return "UTF-16LE";
  return zeros(0) && others(1) ? "UTF-16BE" : nullptr;
}

} // namespace

std::string_view without_blanks(std::string_view text) noexcept {
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

text_reader::text_reader(std::string name, std::unique_ptr<byte_source> bytes,
                         size_t longest, read_monitor& monitor)
    : name_{std::move(name)},
      window_{std::move(bytes), std::max(least_window, 2 * longest)},
      longest_{longest},
      monitor_{monitor} {}

caf::error text_reader::located(const caf::error& err) const {
  if (code_of(err) == ec::interrupted)
    return err;
  return make_error(code_of(err), printable(name_) + ':' + std::to_string(line_)
                                    + ": " + what_of(err));
}

caf::error text_reader::read_more() {
  // Little compressed input can be a lot of text, so ask the monitor here, too.
  if (!monitor_.on_read({}))
    return reading_stopped();
  if (auto err = window_.fill())
    return located(err);
  return begun_ ? caf::none : begin();
}

caf::error text_reader::begin() {
  constexpr size_t telling_bytes = 4;
  while (view().size() < telling_bytes && !ended())
    if (auto err = window_.fill())
      return located(err);
  if (auto encoding = wide_encoding(view()))
    return located(make_error(ec::input, std::string{"the list is "} + encoding
                                           + " text; convert it: iconv -f "
                                           + encoding
                                           + " -t UTF-8 LIST > NEW_LIST"));
  if (view().starts_with(byte_order_mark))
    window_.consume(byte_order_mark.size());
  begun_ = true;
  return caf::none;
}

caf::error text_reader::skip_blanks() {
  for (;;) {
    auto text = view();
    auto first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    auto blank = text.substr(0, first);
    consume(first, static_cast<uint64_t>(
                     std::count(blank.begin(), blank.end(), '\n')));
    if (first < text.size() || ended())
      return caf::none;
    if (auto err = read_more())
      return err;
  }
}

caf::expected<bool> text_reader::next_line(text_line& line) {
  if (auto err = skip_blanks())
    return err;
  size_t searched = 0;
  for (;;) {
    auto text = view();
    auto end = text.find('\n', searched);
    if (std::min(end, text.size()) > longest_) {
      line.number = line_;
      line.too_long = true;
      if (auto err = skip_line())
        return err;
      line.text = prefix_;
      return true;
    }
    if (end != std::string_view::npos || ended()) {
      line = {without_blanks(text.substr(0, end)), line_, false};
      auto is_last = end == std::string_view::npos;
      consume(is_last ? text.size() : end + 1, is_last ? 0 : 1);
      return !text.empty();
    }
    searched = text.size();
    if (auto err = read_more())
      return err;
  }
}

caf::error text_reader::skip_line() {
  prefix_.clear();
  for (;;) {
    auto text = view();
    auto end = text.find('\n');
    auto part = text.substr(0, end);
    prefix_ += part.substr(0, max_url_bytes - prefix_.size());
    if (end != std::string_view::npos) {
      consume(end + 1, 1);
      return caf::none;
    }
    consume(text.size(), 0);
    if (ended())
      return caf::none;
    if (auto err = read_more())
      return err;
  }
}

} // namespace sluice
