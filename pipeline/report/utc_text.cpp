#include "pipeline/report/utc_text.hpp"

#include <ctime>

namespace sluice {

namespace {

std::string formatted(int64_t ms, const char* format) {
  auto seconds = static_cast<std::time_t>(ms / 1'000);
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&seconds, &parts) != nullptr)
    std::strftime(text, sizeof(text), format, &parts);
  return text;
}

} // namespace

std::string utc_minute(int64_t ms) {
  return formatted(ms, "%Y-%m-%d at %H:%M UTC");
}

std::string utc_second(int64_t ms) {
  return formatted(ms, "%Y-%m-%d %H:%M:%S UTC");
}

std::string utc_stamp(int64_t ms) {
  return formatted(ms, "%Y-%m-%dT%H:%M:%SZ");
}

} // namespace sluice
