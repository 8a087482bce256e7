#include "core/base/log.hpp"

#include "core/base/error.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <mutex>

namespace sluice {

namespace {

/// spdlog names the level "warning"; `log.level` calls it "warn".
class level_name final : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    auto name = message.level == spdlog::level::warn
                  ? spdlog::string_view_t{"warn"}
                  : spdlog::level::to_string_view(message.level);
    out.append(name.data(), name.data() + name.size());
  }

  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<level_name>();
  }
};

std::unique_ptr<spdlog::formatter> formatter_of(std::string pattern) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<level_name>('*').set_pattern(std::move(pattern));
  return formatter;
}

constexpr auto text_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %^%*%$ %v";
constexpr auto json_pattern = "{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v";

struct log_state {
  std::shared_ptr<spdlog::logger> out = [] {
    auto logger = std::make_shared<spdlog::logger>(
      "sluice", std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(
                  spdlog::color_mode::never));
    logger->set_formatter(formatter_of(text_pattern));
    logger->flush_on(spdlog::level::trace);
    return logger;
  }();
  bool json = false;
  void (*before)() = nullptr;
  void (*after)() = nullptr;
  std::mutex mutex; ///< keeps the hooks and the line together
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

/// Maximum bytes of a sentence or value, in a log line and in a kept problem.
constexpr size_t longest_shown = 2000;
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
    entry.fields.emplace_back(name, printable(value.text, longest_kept));
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
    case log_level::error:
      return spdlog::level::err;
    case log_level::off:
      break;
  }
  return spdlog::level::off;
}

std::string
as_text(std::string_view event, std::string_view sentence, log_fields fields) {
  std::string line{event};
  line += ": ";
  line += printable(sentence, longest_shown);
  for (auto& [name, value] : fields) {
    line += ' ';
    line += name;
    line += '=';
    line += value.is_number ? value.text : printable(value.text, longest_shown);
  }
  return line;
}

/// The level, event and message as one JSON object without its opening brace;
/// spdlog's pattern puts the time in front.
std::string as_json(log_level level, std::string_view event,
                    std::string_view sentence, log_fields fields) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  auto put = [&](std::string_view name, std::string_view text) {
    auto value = printable(text, longest_shown);
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartObject();
  put("level", name_of(level));
  put("event", event);
  put("message", sentence);
  for (auto& [name, value] : fields) {
    if (!value.is_number) {
      put(name, value.text);
      continue;
    }
    writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    writer.RawValue(value.text.data(), value.text.size(),
                    rapidjson::kNumberType);
  }
  writer.EndObject();
  return {buffer.GetString() + 1, buffer.GetSize() - 1};
}

} // namespace

std::string_view name_of(log_level level) noexcept {
  return word_of(log_level_words, level);
}

log_value::log_value(double number) : is_number{true} {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.6g", number);
  text = digits.data();
}

void log_event(log_level level, std::string_view event,
               std::string_view sentence, log_fields fields) {
  keep_problem(level, event, sentence, fields);
  auto& log = state();
  auto spd_level = to_spdlog(level);
  if (!log.out->should_log(spd_level))
    return;
  auto line = log.json ? as_json(level, event, sentence, fields)
                       : as_text(event, sentence, fields);
  std::lock_guard guard{log.mutex};
  if (log.before)
    log.before();
  log.out->log(spd_level, spdlog::string_view_t{line.data(), line.size()});
  if (log.after)
    log.after();
}

void configure_log(log_level least, bool json, bool coloured) {
  auto& log = state();
  log.out->set_level(to_spdlog(least));
  log.json = json;
  log.out->set_formatter(formatter_of(json ? json_pattern : text_pattern));
  if (coloured && !json)
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
