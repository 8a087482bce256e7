#include "core/http/reply_framing.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace sluice {

namespace {

constexpr auto overlong = "has an overlong head or encoding";
constexpr auto contradicting = "has conflicting lengths";

/// Calls `use` for each non-empty member of a list (RFC 9110 5.6.1).
template <class F>
void for_each_member(std::string_view list, F use) {
  while (!list.empty()) {
    auto member = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), member.size() + 1));
    if (member = trimmed(member); !member.empty())
      use(member);
  }
}

bool has_member(std::string_view list, std::string_view wanted) {
  auto found = false;
  for_each_member(list, [&](std::string_view member) {
    found = found || lower_case(member) == wanted;
  });
  return found;
}

/// RFC 9110 5.5: replaces invalid bytes before the value is used.
std::string clean_value(std::string_view text) {
  std::string value{trimmed(text)};
  auto is_bad = [](char c) { return c == '\r' || c == '\0'; };
  std::replace_if(value.begin(), value.end(), is_bad, ' ');
  return value;
}

} // namespace

std::string reply_head::list_of(std::string_view name) const {
  std::string list;
  for (const auto& [key, value] : fields)
    if (key == name)
      list += (list.empty() ? "" : ", ") + value;
  return list;
}

std::string_view reply_framing::take(std::string_view& input) {
  const auto had_head = has_head_;
  while (!input.empty() && !ended() && has_head_ == had_head) {
    if (part_ == part::data)
      return take_data(input);
    take_line(input);
  }
  return {};
}

void reply_framing::on_close() {
  if (part_ == part::data && !framed_)
    part_ = part::end;
}

std::string_view reply_framing::take_data(std::string_view& input) {
  auto size = input.size();
  if (framed_) {
    size = static_cast<size_t>(std::min<uint64_t>(size, left_));
    skip_body(size);
  }
  auto data = input.substr(0, size);
  input.remove_prefix(size);
  return data;
}

void reply_framing::skip_body(uint64_t size) {
  left_ -= size;
  if (left_ == 0)
    part_ = chunked_ ? part::chunk_end : part::end;
}

/// RFC 9112 2.2: a line may end with LF only.
void reply_framing::take_line(std::string_view& input) {
  auto end = input.find('\n');
  auto whole = end != std::string_view::npos;
  auto size = whole ? end + 1 : input.size();
  line_.append(input.substr(0, whole ? end : size));
  input.remove_prefix(size);
  if (part_ == part::trailer)
    dropped_bytes_ += size;
  else if (!has_head_)
    head_bytes_ += size;
  if (line_.size() > max_line
      || std::max(head_bytes_, dropped_bytes_) > max_head)
    return fail(overlong);
  if (!whole)
    return;
  auto line = std::string_view{line_};
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  on_line(line);
  line_.clear();
}

void reply_framing::on_line(std::string_view line) {
  switch (part_) {
    case part::status:
      return on_status(line);
    case part::field:
      return line.empty() ? on_head() : on_field(line);
    case part::chunk_size:
      return on_chunk_size(line);
    case part::chunk_end:
      if (!line.empty())
        return fail("has a damaged chunk");
      part_ = part::chunk_size;
      return;
    case part::trailer:
      if (line.empty())
        part_ = part::end;
      return;
    case part::data:
    case part::end:
      return;
  }
}

void reply_framing::on_status(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr auto code_at = version.size() + 2;
  constexpr auto code_end = code_at + 3;
  auto digits =
    line.size() < code_end ? std::string_view{} : line.substr(code_at, 3);
  auto code = read_number<int>(digits).value_or(0);
  if (!line.starts_with(version) || code < 100 || line[code_at - 1] != ' '
      || !is_digit(line[version.size()])
      || (line.size() > code_end && line[code_end] != ' '))
    return fail("is not HTTP/1.1");
  is_http_1_0_ = line[version.size()] == '0';
  head_.status = code;
  part_ = part::field;
}

/// RFC 9112 5: a line that begins with a blank continues the previous one. A
/// line without a name is ignored.
void reply_framing::on_field(std::string_view line) {
  if (is_blank(line.front())) {
    if (!head_.fields.empty())
      head_.fields.back().second += ' ' + clean_value(line);
    return;
  }
  auto colon = line.find(':');
  auto name = trimmed(line.substr(0, colon));
  if (colon != std::string_view::npos && !name.empty())
    head_.fields.emplace_back(lower_case(name),
                              clean_value(line.substr(colon + 1)));
}

void reply_framing::on_head() {
  constexpr auto switching_protocols = 101;
  if (head_.status >= 200 || head_.status == switching_protocols) {
    has_head_ = true;
    return on_body();
  }
  dropped_bytes_ += std::exchange(head_bytes_, 0);
  head_ = {};
  part_ = part::status;
  if (dropped_bytes_ > max_head)
    fail(overlong);
}

/// RFC 9112 6.3.
void reply_framing::on_body() {
  keeps_ = may_persist();
  if (has_no_body()) {
    part_ = part::end;
    return;
  }
  auto coding = lower_case(head_.list_of("transfer-encoding"));
  if (!read_length() || (!coding.empty() && length_))
    return fail(contradicting);
  if (!coding.empty() && coding != "chunked")
    return fail("has a transfer coding that was not requested");
  chunked_ = !coding.empty();
  framed_ = chunked_ || length_;
  keeps_ = keeps_ && framed_ && !(is_http_1_0_ && chunked_);
  left_ = length_.value_or(0);
  part_ = chunked_ ? part::chunk_size : length_ == 0U ? part::end : part::data;
}

/// The chunk size in hexadecimal; an extension may follow (RFC 9112 7.1).
void reply_framing::on_chunk_size(std::string_view line) {
  auto text = trimmed(line.substr(0, line.find(';')));
  auto last = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), last, left_, 16);
  if (error != std::errc{} || stop != last)
    return fail("has a damaged chunk");
  part_ = left_ == 0 ? part::trailer : part::data;
}

bool reply_framing::has_no_body() const {
  return head_.status < 200 || head_.status == 204 || head_.status == 304
         || (method_ == "CONNECT" && head_.status < 300);
}

bool reply_framing::may_persist() const {
  auto options = head_.list_of("connection");
  return head_.status >= 200 && !has_member(options, "close")
         && (!is_http_1_0_ || has_member(options, "keep-alive"));
}

/// False if any length is not a number or if the lengths differ.
bool reply_framing::read_length() {
  auto sane = true;
  auto is_there = false;
  for (const auto& [name, value] : head_.fields)
    is_there = is_there || name == "content-length";
  for_each_member(head_.list_of("content-length"), [&](std::string_view text) {
    auto value = read_number<uint64_t>(text);
    sane = sane && value && length_.value_or(*value) == *value;
    length_ = value;
  });
  return sane && (length_ || !is_there);
}

void reply_framing::fail(const char* defect) {
  defect_ = defect;
  part_ = part::end;
  keeps_ = false;
}

} // namespace sluice
