// One page of captures, as fetched and as delivered: from page_splitter through
// run_listing, which drops repeated captures, to the sinks.

#pragma once

#include "core/base/indexed_iterator.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Identifies a capture within its run: the first 16 bytes of the SHA-256 of
/// its id, or of its bytes if it has no id (an empty id counts as none). A tag
/// for the source (text, number, bytes) is hashed first, so that 1 and "1"
/// differ. Two captures with one id but different URLs are different captures
/// (seen_captures.hpp).
using capture_identity = std::array<uint8_t, 16>;

/// The position of one capture in the body of its page.
struct capture_span {
  size_t begin = 0; ///< offset of its first byte
  size_t end = 0;   ///< one past its last byte
};

/// One capture as a page lists it.
struct listed_capture {
  capture_span span;
  capture_identity identity{};
  capture_span url{}; ///< its URL, a JSON string; empty if it has none
  capture_span id{};  ///< its id in the body; empty if it has none
};

/// The captures of a page, in page order. Takes 40 bytes per capture;
/// everything else stays in the body.
class capture_list {
public:
  void add(const listed_capture& capture) {
    captures_.push_back({offset(capture.span.begin), offset(capture.span.end),
                         offset(capture.url.begin), offset(capture.url.end),
                         offset(capture.id.begin), offset(capture.id.end),
                         capture.identity});
  }

  [[nodiscard]] size_t size() const noexcept { return captures_.size(); }
  [[nodiscard]] bool empty() const noexcept { return captures_.empty(); }

  [[nodiscard]] listed_capture operator[](size_t place) const noexcept {
    auto& found = captures_[place];
    return {{found.begin, found.end},
            found.identity,
            {found.url_begin, found.url_end},
            {found.id_begin, found.id_end}};
  }

  using iterator = indexed_iterator<capture_list>;
  [[nodiscard]] iterator begin() const noexcept { return {*this, 0}; }
  [[nodiscard]] iterator end() const noexcept { return {*this, size()}; }

private:
  /// 32-bit offsets: a body is below 4 GiB, and there may be many entries.
  struct entry {
    uint32_t begin, end;
    uint32_t url_begin, url_end;
    uint32_t id_begin, id_end;
    capture_identity identity;
  };

  static uint32_t offset(size_t at) noexcept {
    return static_cast<uint32_t>(at);
  }

  std::vector<entry> captures_;
};

/// The URL at `url` in `body`: a view of the body, or of the decoded form in
/// `scratch`. Empty for an empty span. A URL longer than max_url_bytes is cut
/// one byte after that, so that it matches no URL of a batch.
[[nodiscard]] std::string_view capture_url(std::string_view body,
                                           const capture_span& url,
                                           std::string& scratch);

/// A position in a listing: all that is needed to request the next page, as
/// text for the ledger. Empty for the first page.
using page_cursor = std::string;

/// A page as one reply lists it.
struct listed_page {
  std::shared_ptr<const std::string> body; ///< may be null
  /// When unreadable: the captures that are complete before the defect.
  capture_list captures;
  /// The next page's cursor; nullopt on the last page and at a dead end.
  std::optional<page_cursor> next;
  /// `next` is the number 0, which some APIs send with the last page.
  bool next_is_zero = false;
  /// Why no request can reach the remaining pages; printable. Empty if there is
  /// no such obstacle.
  std::string dead_end;

  /// The body; empty if the page has no body.
  [[nodiscard]] std::string_view text() const {
    return body ? std::string_view{*body} : std::string_view{};
  }
};

/// A page on its way to the sinks. Immutable once delivered, shared by all
/// sinks; its body is the API's reply, byte for byte.
struct capture_page {
  uint64_t delivery = 0; ///< number in the single order of all pages, from 1
  int64_t batch = 0;     ///< the run's key in the ledger; 0 in a load
  std::string run_id;    ///< the run's id at the API; empty in a load
  std::string robot;     ///< the run's; empty in a load
  uint32_t number = 0;   ///< page number within the run, from 0
  /// When it got its number; after a restart another time may come with it.
  std::chrono::system_clock::time_point delivered_at{};
  std::shared_ptr<const std::string> body;
  std::vector<capture_span> captures; ///< those not delivered before

  [[nodiscard]] std::string_view bytes(const capture_span& span) const {
    return std::string_view{*body}.substr(span.begin, span.end - span.begin);
  }
};

/// Appends one capture to `out` in its delivered form: the original bytes
/// without the line breaks between tokens (a JSON string cannot contain a raw
/// line break), and without a final newline.
void append_capture(std::string& out, std::string_view capture);

} // namespace sluice
