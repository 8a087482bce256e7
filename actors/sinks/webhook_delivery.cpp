#include "actors/sinks/webhook_delivery.hpp"

namespace sluice {

namespace {

size_t size_of(const capture_span& span) {
  return span.end - span.begin;
}

} // namespace

std::vector<page_slice>
cut_page(const capture_page& page, size_t captures, size_t bytes) {
  constexpr size_t brackets = 2;
  constexpr size_t comma = 1;
  std::vector<page_slice> slices;
  size_t body = 0;
  for (size_t i = 0; i < page.captures.size(); ++i) {
    auto size = size_of(page.captures[i]);
    if (slices.empty() || slices.back().size() == captures
        || body + comma + size > bytes) {
      slices.push_back({i, i + 1});
      body = brackets + size;
    } else {
      slices.back().end = i + 1;
      body += comma + size;
    }
  }
  return slices;
}

std::string delivery_body(const capture_page& page, const page_slice& slice) {
  size_t size = 2;
  for (auto i = slice.begin; i < slice.end; ++i)
    size += 1 + size_of(page.captures[i]);
  std::string body;
  body.reserve(size);
  for (auto i = slice.begin; i < slice.end; ++i) {
    body += i == slice.begin ? '[' : ',';
    body += page.bytes(page.captures[i]);
  }
  body += ']';
  return body;
}

} // namespace sluice
