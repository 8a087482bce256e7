#include "core/api/capture_download.hpp"

#include "core/api/page_splitter.hpp"
#include "core/base/crash_point.hpp"
#include "core/base/decompress.hpp"
#include "core/base/temp_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>

namespace sluice {

namespace {

constexpr size_t step_bytes = 64 * 1024;

/// Unreadable: the file arrived, but is bad. Errors that neither the file nor
/// its server caused are this machine's, such as a full disk.
read_verdict failed(const caf::error& err) {
  auto code = code_of(err);
  auto is_bad = code == ec::bad_reply || code == ec::input;
  read_verdict result;
  result.outcome = is_bad ? read_outcome::unreadable : read_outcome::retry;
  result.elsewhere = is_bad || code == ec::unavailable;
  result.message = "the download failed: " + what_of(err);
  return result;
}

read_verdict succeeded(std::string message = {}) {
  read_verdict result;
  result.outcome = read_outcome::ok;
  result.message = std::move(message);
  return result;
}

/// Adds the bad lines of the part that begins at `offset` in the file.
void add(bad_lines& sum, const bad_lines& part, uint64_t offset) {
  if (sum.count == 0) {
    sum.first_at = offset + part.first_at;
    sum.first_why = part.first_why;
  }
  sum.count += part.count;
}

std::string text_of(const bad_lines& bad) {
  if (bad.count == 0)
    return {};
  return "lines of the download that are not captures: "
         + std::to_string(bad.count) + "; the first begins at byte "
         + std::to_string(bad.first_at) + " of the file: " + bad.first_why;
}

/// Fails once the flag is set, so that reading a large file can be stopped.
class stoppable_source : public byte_source {
public:
  stoppable_source(const temp_file& file, const std::atomic<bool>& stopped)
      : file_{file}, stopped_{stopped} {}

  caf::expected<size_t> read(std::span<char> into) override {
    if (stopped_)
      return make_error(ec::stopped, "stopped");
    return file_.read(into);
  }

private:
  temp_file_source file_;
  const std::atomic<bool>& stopped_;
};

http_request request_for(const signed_url& link) {
  http_request request;
  request.url = link.url;
  request.headers = {{"Accept", "*/*"}, {"Accept-Encoding", "identity"}};
  // File servers close idle connections; reusing one would only fail.
  request.fresh_connection = true;
  return request;
}

/// Does not show the reply's body: file servers quote the request in it.
std::string answer_of(const http_reply& reply) {
  if (reply.outcome != transport_outcome::complete)
    return reply.detail;
  auto status = "its server answered " + std::to_string(reply.status);
  return reply.status >= 300 && reply.status < 400
           ? status + ", a redirect, which is not followed"
           : status;
}

/// True if the same URL, or a new one, may succeed without user action. If a
/// host does not exist, a new URL may name another host.
bool may_pass(const http_reply& reply) {
  if (reply.outcome != transport_outcome::complete)
    return reply.outcome != transport_outcome::too_large;
  return reply.status >= 500 || reply.status == 408 || reply.status == 425
         || reply.status == 429;
}

} // namespace

struct capture_download::impl {
  explicit impl(download_options given)
      : options{std::move(given)},
        packed{compression_of(options.profile->download->codec)},
        splitter{options.profile->results},
        transport{options.transport} {}

  [[nodiscard]] caf::error fetch(const signed_url& link);
  [[nodiscard]] caf::error rewind();
  [[nodiscard]] caf::error read_through();
  [[nodiscard]] caf::error check_size() const;
  [[nodiscard]] caf::error
  check_lines(uint64_t idle_lines, uint64_t captures) const;
  [[nodiscard]] caf::expected<size_t> read_more();
  [[nodiscard]] size_t lines_end(size_t searched) const;
  [[nodiscard]] caf::expected<size_t> fill_part();
  void close();

  download_options options;
  compression packed;
  page_splitter splitter;
  http_transport transport;
  std::atomic<bool> stopped{false};
  std::optional<temp_file> file;
  std::unique_ptr<byte_source> content; ///< of the file, decompressed
  std::string buffer;                   ///< read, not yet returned in a part
  bool ended = false;                   ///< `buffer` holds all that is left
  uint64_t file_size = 0;               ///< bytes, as sent
  uint64_t total = 0;                   ///< bytes of content read
  bad_lines bad;                        ///< of the file
};

void capture_download::impl::close() {
  content.reset();
  file.reset();
  buffer = {};
  ended = false;
}

caf::error capture_download::impl::fetch(const signed_url& link) {
  auto made = temp_file::create(options.directory);
  if (!made)
    return made.error();
  file.emplace(std::move(*made));
  file_size = 0;
  caf::error unwritten;
  body_receiver receiver{options.max_file, [&](std::string_view bytes) {
                           file_size += bytes.size();
                           unwritten = file->append(bytes);
                           return !unwritten;
                         }};
  auto reply = transport.exchange(request_for(link), receiver);
  if (unwritten)
    return unwritten;
  if (reply.outcome != transport_outcome::complete || reply.status != 200)
    return make_error(may_pass(reply) ? ec::unavailable : ec::bad_reply,
                      answer_of(reply));
  if (!reply.framed)
    return make_error(ec::bad_reply, "its server does not say how long the "
                                     "file is");
  return {};
}

caf::error capture_download::impl::rewind() {
  auto source =
    decompressed(packed, std::make_unique<stoppable_source>(*file, stopped));
  if (!source)
    return source.error();
  content = std::move(*source);
  buffer.clear();
  ended = false;
  total = 0;
  return {};
}

/// Reads the whole file once, since nothing may be delivered if its end is
/// missing, its final checksum is wrong, or it has only lines that are not
/// captures.
caf::error capture_download::impl::read_through() {
  bad = {};
  uint64_t captures = 0, idle_lines = 0;
  for (uint64_t offset = 0; !ended || !buffer.empty();) {
    auto size = fill_part();
    if (!size)
      return size.error();
    std::string_view part{buffer.data(), *size};
    auto lines = splitter.split_lines(part);
    add(bad, lines.bad, offset);
    auto ends = static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    captures += lines.captures.size();
    idle_lines += ends - std::min(ends, lines.captures.size());
    if (auto err = check_lines(idle_lines, captures))
      return err;
    buffer.erase(0, *size);
    offset += *size;
  }
  if (captures == 0 && bad.count > 0)
    return make_error(ec::bad_reply, text_of(bad));
  return {};
}

caf::error capture_download::impl::check_lines(uint64_t idle_lines,
                                               uint64_t captures) const {
  auto most = options.any_idle_lines + captures * options.max_idle_lines;
  if (idle_lines <= most)
    return {};
  return make_error(ec::bad_reply, "the file has more than "
                                     + std::to_string(most)
                                     + " lines without a capture for "
                                     + std::to_string(captures) + " captures");
}

caf::error capture_download::impl::check_size() const {
  if (total > options.max_content)
    return make_error(ec::bad_reply, "the file's content is larger than "
                                       + std::to_string(options.max_content)
                                       + " bytes");
  if (total > options.any_ratio && total / options.max_ratio > file_size)
    return make_error(ec::bad_reply,
                      "the file's content is more than "
                        + std::to_string(options.max_ratio)
                        + " times as large as the file, which has "
                        + std::to_string(file_size) + " bytes");
  return {};
}

/// Appends content to the buffer; returns 0 at the end.
caf::expected<size_t> capture_download::impl::read_more() {
  auto old_size = buffer.size();
  buffer.resize(old_size + step_bytes);
  auto count = content->read({buffer.data() + old_size, step_bytes});
  buffer.resize(old_size + (count ? *count : 0));
  total += count ? *count : 0;
  if (auto err = check_size())
    return err;
  return count;
}

/// The end of the last complete line that fits in the part; 0 if none. There is
/// no line end before `searched`.
size_t capture_download::impl::lines_end(size_t searched) const {
  size_t end = 0;
  auto at = buffer.find('\n', searched);
  size_t captures = 0;
  while (at != buffer.npos && captures < options.part_captures
         && (end == 0 || at < options.part_bytes)) {
    captures += at > end ? 1 : 0; // skip empty lines
    end = at + 1;
    at = buffer.find('\n', end);
  }
  return end;
}

/// Reads until there is a part; returns its size, 0 at the end.
caf::expected<size_t> capture_download::impl::fill_part() {
  // Content may be produced without reading the file, so check `stopped`, too.
  if (stopped)
    return make_error(ec::stopped, "stopped while reading a download");
  size_t searched = 0;
  for (;;) {
    if (ended || buffer.size() >= options.part_bytes) {
      if (auto end = lines_end(searched); end > 0)
        return end;
      searched = buffer.size();
    }
    if (searched > options.max_line)
      return make_error(ec::bad_reply, "a capture is longer than "
                                         + std::to_string(options.max_line)
                                         + " bytes; raise api.max_body");
    if (ended)
      return buffer.size();
    auto count = read_more();
    if (!count)
      return count;
    ended = *count == 0;
  }
}

capture_download::capture_download(download_options options)
    : impl_{std::make_unique<impl>(std::move(options))} {}

capture_download::~capture_download() = default;

read_verdict capture_download::open(const signed_url& link) {
  auto& self = *impl_;
  self.close();
  auto err = self.fetch(link);
  if (!err)
    err = self.rewind();
  if (!err)
    err = self.read_through();
  if (!err)
    err = self.rewind();
  if (!err)
    return succeeded(text_of(self.bad));
  self.close();
  return failed(err);
}

page_reply capture_download::next() {
  auto& self = *impl_;
  assert(self.content);
  page_reply result;
  auto give_up = [&](const caf::error& err) {
    self.close();
    result.verdict = failed(err);
    return result;
  };
  auto size = self.fill_part();
  if (!size)
    return give_up(size.error());
  auto body = std::make_shared<const std::string>(self.buffer, 0, *size);
  self.buffer.erase(0, *size);
  auto lines = self.splitter.split_lines(*body);
  crash_point(crash_at::page_fetched);
  result.verdict = succeeded();
  result.captures = std::move(lines.captures);
  result.body = std::move(body);
  if (self.ended && self.buffer.empty())
    self.close();
  else
    result.next.emplace();
  return result;
}

void capture_download::stop() {
  impl_->stopped = true;
  impl_->transport.stop();
}

} // namespace sluice
