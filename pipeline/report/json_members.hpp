// The members of the JSON objects that sluice tells of itself in.

#pragma once

#include "core/base/error.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstdint>
#include <string>

namespace sluice {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

inline void put(json_writer& out, const char* name, uint64_t number) {
  out.Key(name);
  out.Uint64(number);
}

/// Text of the API or of the file system: whole, but made valid UTF-8.
inline void put(json_writer& out, const char* name, const std::string& text) {
  out.Key(name);
  out.String(printable(text, std::string::npos).c_str());
}

inline void put_number(json_writer& out, const char* name, double number) {
  out.Key(name);
  out.Double(std::isfinite(number) ? number : 0);
}

inline void put_flag(json_writer& out, const char* name, bool value) {
  out.Key(name);
  out.Bool(value);
}

inline void put_null(json_writer& out, const char* name) {
  out.Key(name);
  out.Null();
}

} // namespace sluice
