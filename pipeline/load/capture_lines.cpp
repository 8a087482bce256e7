#include "pipeline/load/capture_lines.hpp"

#include "core/base/json_reader.hpp"
#include "core/base/units.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

constexpr size_t piece = 64 * 1024;

/// Accepts every value.
struct any_value {
  static bool name(const json_token&) { return true; }
  static bool scalar(const json_token&) { return true; }
  static bool open(bool, size_t) { return true; }
  static bool close(size_t) { return true; }
};

constexpr std::string_view blanks = " \t\r";

/// The part of `text` between blanks, and after a byte order mark.
capture_span span_of_value(std::string_view text) {
  auto begin = text.find_first_not_of(blanks, after_mark(text, 0));
  if (begin == text.npos)
    return {};
  return {begin, text.find_last_not_of(blanks) + 1};
}

} // namespace

capture_lines::capture_lines(std::string name,
                             std::unique_ptr<byte_source> bytes,
                             const load_limits& limits)
    : name_{std::move(name)}, bytes_{std::move(bytes)}, limits_{limits} {}

void capture_lines::pass(std::string_view bytes) {
  digest_.add(bytes);
  offset_ += bytes.size();
}

caf::error
capture_lines::skip(uint64_t bytes, const std::function<bool()>& goes_on) {
  std::string room(piece, '\0');
  while (offset_ < bytes) {
    if (!goes_on())
      return make_error(ec::interrupted, "interrupted");
    auto most = std::min<uint64_t>(room.size(), bytes - offset_);
    auto count = bytes_->read({room.data(), static_cast<size_t>(most)});
    if (!count)
      return count.error();
    if (*count == 0)
      return make_error(ec::disk,
                        "it ends after " + human_count(offset_) + " bytes");
    std::string_view got{room.data(), *count};
    pass(got);
    line_ += static_cast<uint64_t>(std::count(got.begin(), got.end(), '\n'));
  }
  return {};
}

bool capture_lines::at_end() {
  if (buffer_.size() == taken_ && !ended_ && !defect_)
    defect_ = fill();
  return buffer_.size() == taken_ && !defect_;
}

caf::error capture_lines::fill() {
  auto size = buffer_.size();
  buffer_.resize(size + piece);
  auto count = bytes_->read({buffer_.data() + size, piece});
  buffer_.resize(size + (count ? *count : 0));
  if (!count)
    return count.error();
  ended_ = *count == 0;
  return {};
}

caf::error capture_lines::bad_line(std::string_view what) const {
  return make_error(ec::input,
                    printable(name_, 4096) + ":" + std::to_string(line_) + ": "
                      + std::string{what}
                      + ". The captures before this line are loaded. Correct "
                        "the line or remove it, then run the same command "
                        "again.");
}

caf::error capture_lines::unfinished() const {
  return make_error(
    ec::stopped,
    printable(name_, 4096) + ":" + std::to_string(line_)
      + ": the file ends within this line: it is still being written, or was "
        "cut short. The captures before this line are loaded. Run the same "
        "command again when the line is complete; if the whole capture is "
        "there, end it with a line feed.");
}

bool capture_lines::is_full(const line_page& page, size_t end) const {
  return !page.captures.empty()
         && (page.captures.size() >= limits_.captures
             || end - page.captures.front().begin > limits_.bytes);
}

void capture_lines::add(line_page& page, size_t begin, size_t end) {
  auto text = std::string_view{buffer_}.substr(begin, end - begin);
  auto value = span_of_value(text);
  if (value.begin != value.end) {
    any_value accept;
    if (auto defect = read_json(text, 0, accept)) {
      defect_ = bad_line("this is not one JSON value, at byte "
                         + std::to_string(defect->at + 1) + ": "
                         + std::string{defect->what});
      return;
    }
    page.last_line = line_;
    if (page.captures.empty())
      page.first_line = line_;
    page.captures.push_back({begin + value.begin, begin + value.end});
  }
  ++line_;
  taken_ = end + 1;
  searched_ = 0;
}

/// Moves one line from the buffer into the page.
capture_lines::step capture_lines::take_line(line_page& page) {
  auto end = buffer_.find('\n', taken_ + searched_);
  auto known = end == std::string::npos ? buffer_.size() : end;
  if (is_full(page, known))
    return step::page_is_full;
  if (known - taken_ > limits_.longest) {
    defect_ = bad_line("this line is longer than " + human_size(limits_.longest)
                       + ", the config's api.max_body; raise that if it is a "
                         "capture");
    return step::page_is_full;
  }
  searched_ = known - taken_;
  if (end == std::string::npos)
    return step::needs_more;
  add(page, taken_, end);
  return defect_ ? step::page_is_full : step::added;
}

caf::expected<std::optional<line_page>> capture_lines::next() {
  line_page page;
  auto begin = offset_;
  buffer_.erase(0, std::exchange(taken_, 0));
  while (!defect_) {
    auto did = take_line(page);
    if (did == step::page_is_full)
      break;
    if (did == step::added)
      continue;
    if (ended_) {
      if (taken_ < buffer_.size())
        defect_ = unfinished();
      break;
    }
    defect_ = fill();
    // Lines of blanks are not kept, however many they are.
    if (page.captures.empty() && taken_ > 0) {
      pass(std::string_view{buffer_}.substr(0, taken_));
      buffer_.erase(0, std::exchange(taken_, 0));
      if (!defect_ && offset_ - begin >= limits_.blanks)
        return std::optional<line_page>{std::move(page)};
    }
  }
  pass(std::string_view{buffer_}.substr(0, taken_));
  if (page.captures.empty()) {
    if (defect_)
      return defect_;
    return std::optional<line_page>{};
  }
  page.body = std::make_shared<const std::string>(buffer_, 0, taken_);
  return std::optional<line_page>{std::move(page)};
}

} // namespace sluice
