// Writes the members of JSON objects in which sluice reports its state: for
// `status`, the `notify` program and the status page.

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

/// Text from the API or the file system: complete, but made valid UTF-8.
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
