#include "actors/sinks/webhook_delivery.hpp"

#include "core/base/error.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice {

namespace {

size_t size_of(const capture_span& span) {
  return span.end - span.begin;
}

/// `text` as a JSON string; invalid UTF-8 is escaped.
std::string quoted(std::string_view text) {
  auto clean = printable(text);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  return {buffer.GetString(), buffer.GetSize()};
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

std::string dead_letter_line(std::string_view capture, int status,
                             std::string_view message, std::string_view sink) {
  std::string line = R"({"capture":)";
  append_capture(line, capture);
  line += R"(,"status":)" + std::to_string(status);
  line += R"(,"message":)" + quoted(message);
  line += R"(,"sink":)" + quoted(sink) + "}";
  return line;
}

} // namespace sluice
