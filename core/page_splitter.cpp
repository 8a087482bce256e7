#include "core/page_splitter.hpp"

#include "core/page_events.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

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

caf::error wrong(const std::string& what, size_t at) {
  return make_error(ec::bad_reply, "the page cannot be read: " + what
                                     + " (byte " + std::to_string(at) + ")");
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
  if (result.Code() == rapidjson::kParseErrorTermination)
    return wrong(events.refusal(), result.Offset());
  if (result.IsError())
    return wrong(rapidjson::GetParseError_En(result.Code()), result.Offset());
  // A zero byte ends RapidJSON's reading as the end of the text does.
  if (stream.Tell() != body.size())
    return wrong("zero byte after the document", stream.Tell());
  if (!events.found())
    return make_error(ec::bad_reply, "the page has no list of captures at "
                                       + wanted_
                                       + "; does the profile fit this API?");
  return events.take();
}

} // namespace sluice
