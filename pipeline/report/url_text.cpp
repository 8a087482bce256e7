#include "pipeline/report/url_text.hpp"

#include "pipeline/report/counted.hpp"
#include "pipeline/report/utc_text.hpp"

#include <algorithm>

namespace sluice {

namespace {

/// "batch 3, run run_5fa9 of robot rbt_1, submitted 2026-11-30 06:01:07 UTC".
std::string place_name(const url_place& place) {
  auto text = "batch " + std::to_string(place.batch);
  if (!place.run_id.empty())
    text += ", run " + printable(place.run_id);
  text += " of robot " + printable(place.robot);
  return place.submitted_at_ms > 0
           ? text + ", submitted " + utc_second(place.submitted_at_ms)
           : text;
}

/// What became of the URL there.
std::string fate_of(const url_place& place) {
  if (place.given_up)
    return place.run_id.empty() ? "held; submitted again"
                                : "given up; submitted again";
  if (!place.state)
    return "no capture; submitted again";
  auto text = std::string{name_of(*place.state)};
  return place.reason.empty() ? text : text + " (" + place.reason + ")";
}

/// The number of captures of a single URL is not stored.
std::string captures_of(const url_place& place) {
  if (place.run_id.empty())
    return {};
  return "; " + counted(place.captures, "capture") + " delivered for its "
         + counted(place.urls, "URL");
}

/// The file that a sink writes, if it writes one.
std::string file_of(const settings& config, size_t sink) {
  auto key = "sinks[" + std::to_string(sink) + "].path";
  auto file = std::find_if(config.files.begin(), config.files.end(),
                           [&](auto& named) { return named.key == key; });
  return file == config.files.end() ? std::string{}
                                    : " " + printable(file->path);
}

/// "file-0 (file /jobs/captures.jsonl), hook (webhook)".
std::string sinks_of(const settings& config) {
  std::string text;
  for (size_t i = 0; i < config.sinks.size(); ++i)
    text += (i == 0 ? "" : ", ") + printable(config.sinks[i].name) + " ("
            + config.sinks[i].type + file_of(config, i) + ")";
  return text;
}

bool is_captured(const url_place& place) {
  return place.state == url_state::captured;
}

} // namespace

const char* name_of(url_state state) noexcept {
  return word_of(url_state_words, state).data(); // a literal
}

std::string url_text(std::string_view url, const std::vector<url_place>& places,
                     size_t most, const settings& config) {
  auto text = escaped(url) + "\n";
  for (size_t i = 0; i < places.size() && i < most; ++i)
    text += "  " + place_name(places[i]) + ": " + fate_of(places[i])
            + captures_of(places[i]) + "\n";
  if (places.size() > most)
    text += "  … and more\n";
  if (std::any_of(places.begin(), places.end(), is_captured))
    text += "  delivered to " + sinks_of(config) + "\n";
  return text;
}

std::string url_text(const invalid_record& record) {
  return escaped(record.text)
         + "\n  invalid, never submitted: " + printable(record.source) + ":"
         + std::to_string(record.line) + ": " + record.reason + "\n";
}

} // namespace sluice
