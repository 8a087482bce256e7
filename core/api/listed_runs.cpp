#include "core/api/listed_runs.hpp"

#include "core/base/json_picker.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/url.hpp"
#include "core/model/run.hpp"

#include <utility>

namespace sluice {

namespace {

/// Larger than any batch. We keep one more URL, so that a caller can see that
/// there are too many.
constexpr size_t most_urls = 10'000;

/// No batch has a longer robot name.
constexpr size_t longest_robot = 1024;

/// Collects an array of strings; any other value stops the reader.
class url_events {
public:
  bool name(const json_token&) { return false; }
  bool open(bool, size_t) { return !std::exchange(opened_, true); }
  bool close(size_t) { return true; }

  bool scalar(const json_token& token) {
    if (token.kind != json_kind::string)
      return false;
    if (urls.size() <= most_urls)
      urls.add(json_text(token, scratch_, max_url_bytes + 1));
    return true;
  }

  url_table urls;

private:
  bool opened_ = false;
  std::string scratch_;
};

/// nullopt unless all elements are strings.
std::optional<url_table> read_urls(const json_pick& list) {
  url_events events;
  if (!list.found || read_json(list.json, 0, events))
    return std::nullopt;
  return std::move(events.urls);
}

/// Reads the runs of the list one by one.
class run_reader {
public:
  explicit run_reader(const find_dialect& dialect)
      : picker_{{json_want::id, dialect.id, longest_run_id},
                {json_want::name, dialect.robot, longest_robot},
                {json_want::list, dialect.urls}} {}

  /// False if there are too many runs.
  bool read(std::string_view run) {
    auto picks = picker_.pick(run);
    auto& id = picks->at(0);
    auto& robot = picks->at(1);
    if (!id.found || !is_run_id(id.text))
      return true;
    if (runs.size() == max_listed_runs)
      return false;
    auto& added = runs.emplace_back();
    added.id = std::move(id.text);
    if (robot.found)
      added.robot = std::move(robot.text);
    added.urls = read_urls(picks->at(2));
    return true;
  }

  std::vector<listed_run> runs;

private:
  json_picker picker_;
};

} // namespace

caf::expected<std::vector<listed_run>>
read_listed_runs(const find_dialect& dialect, std::string_view body) {
  if (body.size() > max_run_list_bytes)
    return make_error(ec::bad_reply, "the list of runs is larger than 4 MiB");
  auto list = json_picker{{json_want::list, dialect.items}}.pick(body);
  if (!list)
    return list.error();
  if (!list->front().found)
    return make_error(ec::bad_reply, "the list of runs is not where the "
                                     "profile's find.items says");
  run_reader reader{dialect};
  auto fits = true;
  each_element(list->front().json,
               [&](std::string_view run) { return fits = reader.read(run); });
  if (!fits)
    return make_error(ec::bad_reply, "the list of runs has more than "
                                       + std::to_string(max_listed_runs)
                                       + " runs");
  return std::move(reader.runs);
}

} // namespace sluice
