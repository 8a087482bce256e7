#include "core/log.hpp"

#include "core/error.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <deque>
#include <mutex>

namespace sluice {

namespace {

struct log_state {
  std::shared_ptr<spdlog::logger> out = [] {
    auto logger = std::make_shared<spdlog::logger>(
      "sluice", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(
                  spdlog::color_mode::never));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    logger->flush_on(spdlog::level::trace);
    return logger;
  }();
  bool json = false;
  void (*before)() = nullptr;
  void (*after)() = nullptr;
  std::mutex mutex; ///< keeps hooks and line together
};

log_state& state() {
  static log_state instance;
  return instance;
}

/// The warnings and errors of this process.
struct problem_keeper {
  std::mutex mutex;
  uint64_t warnings = 0;
  uint64_t errors = 0;
  std::deque<logged_problem> latest;
};

problem_keeper& problems() {
  static problem_keeper instance;
  return instance;
}

/// The longest text kept of one sentence or value, in bytes.
constexpr size_t longest_kept = 500;

void keep_problem(log_level level, std::string_view event,
                  std::string_view sentence, log_fields fields) {
  if (level != log_level::warn && level != log_level::error)
    return;
  logged_problem entry;
  entry.at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count();
  entry.level = level;
  entry.event = event;
  entry.sentence = printable(sentence, longest_kept);
  for (auto& [name, value] : fields)
    entry.fields.emplace_back(name, printable(value, longest_kept));
  auto& kept = problems();
  std::lock_guard guard{kept.mutex};
  ++(level == log_level::warn ? kept.warnings : kept.errors);
  kept.latest.push_back(std::move(entry));
  if (kept.latest.size() > most_problems_kept)
    kept.latest.pop_front();
}

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

std::string
as_text(std::string_view event, std::string_view sentence, log_fields fields) {
  std::string line{event};
  line += ": ";
  line += sentence;
  for (auto& [name, value] : fields) {
    line += ' ';
    line += name;
    line += '=';
    line += value;
  }
  return line;
}

/// The level, event and message as one JSON object; spdlog's pattern adds the
/// time in front, inside the object.
std::string as_json(spdlog::level::level_enum level, std::string_view event,
                    std::string_view sentence, log_fields fields) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  auto put = [&](std::string_view name, std::string_view value) {
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartObject();
  auto level_name = spdlog::level::to_string_view(level);
  put("level", {level_name.data(), level_name.size()});
  put("event", event);
  put("message", sentence);
  for (auto& [name, value] : fields)
    put(name, value);
  writer.EndObject();
  return {buffer.GetString() + 1, buffer.GetSize() - 1};
}

} // namespace

void log_event(log_level level, std::string_view event,
               std::string_view sentence, log_fields fields) {
  keep_problem(level, event, sentence, fields);
  auto& log = state();
  auto spd_level = to_spdlog(level);
  if (!log.out->should_log(spd_level))
    return;
  auto line = log.json ? as_json(spd_level, event, sentence, fields)
                       : as_text(event, sentence, fields);
  std::lock_guard guard{log.mutex};
  if (log.before)
    log.before();
  log.out->log(spd_level, spdlog::string_view_t{line.data(), line.size()});
  if (log.after)
    log.after();
}

void configure_log(std::string_view level, bool json, bool coloured) {
  auto& log = state();
  log.out->set_level(spdlog::level::from_str(std::string{level}));
  log.json = json;
  if (json)
    log.out->set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v");
  else if (coloured)
    static_cast<spdlog::sinks::ansicolor_stderr_sink_st&>(
      *log.out->sinks().front())
      .set_color_mode(spdlog::color_mode::always);
}

problem_record recent_problems() {
  auto& kept = problems();
  std::lock_guard guard{kept.mutex};
  return {kept.warnings, kept.errors, {kept.latest.begin(), kept.latest.end()}};
}

void set_log_hooks(void (*before)(), void (*after)()) {
  auto& log = state();
  std::lock_guard guard{log.mutex};
  log.before = before;
  log.after = after;
}

} // namespace sluice
