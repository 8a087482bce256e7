#include "config/json_text.hpp"

#include "core/base/json_scan.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::config {

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

rapidjson::SizeType length(const std::string& text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

/// True for text that JSON reads as a number, true or false.
bool is_json_scalar(const std::string& text) {
  if (text == "true" || text == "false")
    return true;
  auto end = text.data() + text.size();
  auto bad = false;
  return json_scan::number(text.data(), end, bad) == end && !bad;
}

void write(json_writer& out, const node& value) {
  switch (value.is) {
    case node::kind::null:
      out.Null();
      break;
    case node::kind::scalar:
      if (!value.quoted && is_json_scalar(value.text))
        out.RawValue(value.text.data(), value.text.size(),
                     rapidjson::kNumberType);
      else
        out.String(value.text.data(), length(value.text));
      break;
    case node::kind::list:
      out.StartArray();
      for (auto& item : value.items)
        write(out, item);
      out.EndArray();
      break;
    case node::kind::mapping:
      out.StartObject();
      for (auto& m : value.members) {
        out.Key(m.key.data(), length(m.key));
        write(out, m.value);
      }
      out.EndObject();
  }
}

} // namespace

std::string json_text(const node& value) {
  rapidjson::StringBuffer buffer;
  json_writer writer{buffer};
  write(writer, value);
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace sluice::config
