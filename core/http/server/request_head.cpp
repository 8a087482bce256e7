#include "core/http/server/request_head.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <array>

namespace sluice::web {

namespace {

/// The longest DNS name, with brackets and a port.
constexpr size_t most_host = 261;
constexpr size_t most_method = 32;

/// The library would act on these by sending ranges or compressing.
constexpr std::array<std::string_view, 3> left_out{"range", "if-range",
                                                   "accept-encoding"};

bool is_token_char(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return is_letter(c) || is_digit(c) || marks.find(c) != marks.npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

/// True for visible ASCII except '#', which begins a fragment.
bool is_target_char(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

bool is_host_char(char c) {
  constexpr std::string_view marks = "-._:[]";
  return is_letter(c) || is_digit(c) || marks.find(c) != marks.npos;
}

bool is_host(std::string_view text) {
  return text.size() <= most_host
         && std::all_of(text.begin(), text.end(), is_host_char);
}

bool is_value_char(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

std::string_view name_of(std::string_view line) {
  return line.substr(0, line.find(':'));
}

/// True if a list of tokens contains `wanted`.
bool lists(std::string_view text, std::string_view wanted) {
  for (;;) {
    auto comma = text.find(',');
    if (lower_case(trimmed(text.substr(0, comma))) == wanted)
      return true;
    if (comma == text.npos)
      return false;
    text.remove_prefix(comma + 1);
  }
}

} // namespace

head_state request_head::read(std::string_view bytes) {
  while (state_ == head_state::incomplete) {
    auto end = bytes.find('\n', scanned_);
    auto has_end = end != bytes.npos;
    scanned_ = has_end ? end + 1 : bytes.size();
    // One byte more is allowed, for a CR. The line feed is not counted.
    auto length = scanned_ - line_ - (has_end ? 1 : 0);
    if (length > most_line_bytes + 1)
      refuse(has_request_line_ ? 431 : 414, "a line of the head is longer than "
                                            "8 KiB");
    else if (scanned_ > most_head_bytes
             || (!has_end && scanned_ == most_head_bytes))
      refuse(431, "the head is larger than 64 KiB");
    else if (!has_end)
      break;
    else if (length == 0 || bytes[end - 1] != '\r')
      refuse(400, "a line of the head does not end with CR LF");
    else
      take_line(bytes.substr(line_, length - 1));
    if (state_ != head_state::refused)
      line_ = scanned_;
  }
  return state_;
}

void request_head::take_line(std::string_view line) {
  if (!has_request_line_) {
    // Empty lines may precede it.
    if (!line.empty())
      take_request_line(line);
  } else if (line.empty()) {
    finish();
  } else {
    take_field(line);
  }
}

void request_head::take_request_line(std::string_view line) {
  constexpr const char* odd = "the request line is not METHOD TARGET HTTP/1.1";
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == line.npos || first == last || first > most_method
      || !is_token(line.substr(0, first)))
    return refuse(400, odd);
  auto target = line.substr(first + 1, last - first - 1);
  auto version = line.substr(last + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/")
      || !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7])
      || !std::all_of(target.begin(), target.end(), is_target_char))
    return refuse(400, odd);
  if (version[5] != '1' || version[7] > '1')
    return refuse(505, "only HTTP/1.1 and HTTP/1.0 are served");
  version_ = version[7] - '0';
  has_request_line_ = true;
  method_ = {line_, first};
  fields_begin_ = scanned_;
  take_target(target, line_ + first + 1);
}

void request_head::take_target(std::string_view target, size_t begin) {
  constexpr std::string_view scheme = "http://";
  path_ = {begin, target.size()};
  if (target.starts_with('/'))
    return;
  auto is_absolute = lower_case(target.substr(0, scheme.size())) == scheme;
  auto rest = is_absolute ? target.substr(scheme.size()) : std::string_view{};
  auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (!is_absolute || end == 0 || !is_host(rest.substr(0, end)))
    return refuse(400, "the target is neither a path nor an http URL");
  authority_ = {begin + scheme.size(), end};
  path_ = {begin + scheme.size() + end, rest.size() - end};
}

void request_head::take_field(std::string_view line) {
  auto name = name_of(line);
  // A continuation line begins with a blank, so it has no valid name.
  if (name.size() == line.size() || !is_token(name))
    return refuse(400, "a field of the head is not NAME: VALUE on one line");
  auto value = trimmed(line.substr(name.size() + 1));
  if (!std::all_of(value.begin(), value.end(), is_value_char))
    return refuse(400, "a field of the head has a control character");
  if (++fields_ > most_head_fields)
    return refuse(431, "the head has more than 100 fields");
  auto known = lower_case(name);
  if (known == "host")
    take_host(value);
  else if (known == "content-length")
    take_length(value);
  else if (known == "transfer-encoding")
    take_coding(value);
  else if (known == "content-encoding" && lower_case(value) != "identity")
    refuse(415, "compressed bodies are not accepted");
  else if (known == "connection" && lists(value, "close"))
    closes_ = true;
}

void request_head::take_host(std::string_view value) {
  if (has_host_ || !is_host(value))
    return refuse(400, "the head must name one host, as HOST or HOST:PORT");
  has_host_ = true;
}

void request_head::take_length(std::string_view value) {
  auto length = read_number<uint64_t>(value);
  if (has_length_ || !length)
    return refuse(400, "Content-Length must be one number");
  has_length_ = true;
  length_ = *length;
}

void request_head::take_coding(std::string_view value) {
  if (chunked_)
    return refuse(400, "Transfer-Encoding is given twice");
  if (lower_case(value) != "chunked")
    return refuse(501, "the only transfer coding supported is chunked");
  chunked_ = true;
}

void request_head::finish() {
  if (version_ == 1 && !has_host_)
    return refuse(400, "the head must name one host, as HOST or HOST:PORT");
  if (chunked_ && (has_length_ || version_ == 0))
    return refuse(400, "the body's length is given in two ways");
  if (length_ > most_body_)
    return refuse(413, "the body is too large");
  state_ = head_state::complete;
}

void request_head::refuse(int status, const char* reason) {
  state_ = head_state::refused;
  why_ = {status, reason};
}

std::string request_head::handed_on(std::string_view bytes) const {
  auto text = [&](part where) { return bytes.substr(where.begin, where.size); };
  std::string out{text(method_)};
  out += ' ';
  if (!text(path_).starts_with('/'))
    out += '/';
  out.append(text(path_)).append(version_ == 0 ? " HTTP/1.0" : " HTTP/1.1");
  out += "\r\n";
  auto names_host = authority_.size > 0;
  if (names_host)
    out.append("Host: ").append(text(authority_)).append("\r\n");
  auto has_body = chunked_ || length_ > 0;
  auto fields = bytes.substr(fields_begin_, line_ - 2 - fields_begin_);
  while (!fields.empty()) {
    auto size = fields.find('\n') + 1;
    auto name = lower_case(name_of(fields.substr(0, size)));
    auto is_left_out =
      std::find(left_out.begin(), left_out.end(), name) != left_out.end()
      || (names_host && name == "host") || (!has_body && name == "expect");
    if (!is_left_out)
      out.append(fields.substr(0, size));
    fields.remove_prefix(size);
  }
  return out.append("\r\n");
}

} // namespace sluice::web
