#include "core/log.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
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

void set_log_hooks(void (*before)(), void (*after)()) {
  auto& log = state();
  std::lock_guard guard{log.mutex};
  log.before = before;
  log.after = after;
}

} // namespace sluice
