#include "core/page_splitter.hpp"

#include "core/page_events.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr unsigned flags =
  rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

std::string listed(const json_pointers& pointers) {
  std::string result;
  for (const auto& each : pointers) {
    if (!result.empty())
      result += " or ";
    result += each.empty() ? "the root" : each;
  }
  return result;
}

constexpr std::string_view blanks = " \t\r";

caf::error wrong(const std::string& what, size_t at) {
  return make_error(ec::bad_reply, "the page cannot be read: " + what
                                     + " (byte " + std::to_string(at) + ")");
}

caf::error
wrong(const page_events& events, const rapidjson::ParseResult& result) {
  if (result.Code() == rapidjson::kParseErrorTermination)
    return wrong(events.refusal(), result.Offset());
  return wrong(rapidjson::GetParseError_En(result.Code()), result.Offset());
}

/// Moves `stream` to the first byte that is neither blank nor the end of a
/// line; false at the end of `body`.
bool skip_blank_lines(rapidjson::MemoryStream& stream, std::string_view body) {
  while (stream.Tell() < body.size()
         && (body[stream.Tell()] == '\n'
             || blanks.find(body[stream.Tell()]) != blanks.npos))
    stream.Take();
  return stream.Tell() < body.size();
}

} // namespace

page_splitter::page_splitter(const results_dialect& dialect)
    : items_{dialect.items.size()},
      numeric_next_{dialect.page.by == pagination::kind::cursor},
      wanted_{listed(dialect.items)} {
  page_.add(items_list, dialect.items);
  page_.add(next_list, dialect.page.next);
  page_.add(more_list, dialect.page.more);
  capture_.add(id_list, dialect.item_id);
  capture_.add(url_list, dialect.item_url);
}

caf::expected<split_page> page_splitter::split(std::string_view body) const {
  rapidjson::MemoryStream stream{body.data(), body.size()};
  rapidjson::Reader reader;
  page_events events{{page_, capture_, items_, numeric_next_}, body, stream};
  auto result = reader.Parse<flags>(stream, events);
  if (result.IsError())
    return wrong(events, result);
  // A zero byte ends RapidJSON's reading as the end of the text does.
  if (stream.Tell() != body.size())
    return wrong("zero byte after the document", stream.Tell());
  if (!events.found())
    return make_error(ec::bad_reply, "the page has no list of captures at "
                                       + wanted_
                                       + "; does the profile fit this API?");
  return events.take();
}

caf::expected<capture_list>
page_splitter::split_lines(std::string_view body) const {
  rapidjson::MemoryStream stream{body.data(), body.size()};
  rapidjson::Reader reader;
  page_events events{{page_, capture_, 1, numeric_next_}, body, stream};
  events.take_documents();
  while (skip_blank_lines(stream, body)) {
    auto line_end = std::min(body.find('\n', stream.Tell()), body.size());
    auto result =
      reader.Parse<flags | rapidjson::kParseStopWhenDoneFlag>(stream, events);
    if (result.IsError())
      return wrong(events, result);
    auto rest = body.find_first_not_of(blanks, stream.Tell());
    if (stream.Tell() > line_end || std::min(rest, body.size()) != line_end)
      return wrong("more or less than one capture in a line", stream.Tell());
  }
  return events.take().captures;
}

} // namespace sluice
