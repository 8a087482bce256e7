#include "core/db/postgres_names.hpp"

#include "core/base/utf8.hpp"

namespace sluice::postgres {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > max_name_bytes)
    return false;
  while (!name.empty()) {
    auto length = utf8_sequence(name);
    if (length == 0 || is_control(name.substr(0, length)))
      return false;
    name.remove_prefix(length);
  }
  return true;
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (auto c : name) {
    if (c == '"')
      out += '"';
    out += c;
  }
  return out + '"';
}

std::string table_name::sql() const {
  return schema.empty() ? quote_name(table)
                        : quote_name(schema) + "." + quote_name(table);
}

table_name table_name::beside(std::string_view other) const {
  return {schema, std::string{other}};
}

table_name read_table_name(std::string_view text) {
  auto dot = text.find('.');
  if (dot == text.npos)
    return {{}, std::string{text}};
  return {std::string{text.substr(0, dot)}, std::string{text.substr(dot + 1)}};
}

} // namespace sluice::postgres
