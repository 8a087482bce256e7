#include "core/listed_runs.hpp"

#include "core/json_pointer.hpp"

namespace sluice {

namespace {

bool is_array(const rapidjson::Value& value) {
  return value.IsArray();
}

/// nullopt unless all of them are strings.
std::optional<std::vector<std::string>>
read_urls(const rapidjson::Value& run, const json_pointers& pointers) {
  auto* list = find_json(run, pointers, is_array);
  if (list == nullptr)
    return std::nullopt;
  std::vector<std::string> urls;
  for (auto& url : list->GetArray()) {
    if (!url.IsString())
      return std::nullopt;
    urls.emplace_back(url.GetString(), url.GetStringLength());
  }
  return urls;
}

} // namespace

caf::expected<std::vector<listed_run>>
read_listed_runs(const find_dialect& dialect, std::string_view body) {
  if (body.size() > max_run_list_bytes)
    return make_error(ec::bad_reply, "the list of runs is larger than 4 MiB");
  auto document = parse_json(body);
  if (!document)
    return document.error();
  auto* items = find_json(*document, dialect.items, is_array);
  if (items == nullptr)
    return make_error(ec::bad_reply, "the list of runs is not where the "
                                     "profile's find.items says");
  std::vector<listed_run> result;
  for (auto& run : items->GetArray())
    if (auto id = find_id(run, dialect.id); id && is_run_id(*id))
      result.push_back({std::move(*id), find_name(run, dialect.robot),
                        read_urls(run, dialect.urls)});
  return result;
}

} // namespace sluice
