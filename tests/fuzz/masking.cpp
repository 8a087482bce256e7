// Secrets in external text.

#include "core/base/base64.hpp"
#include "core/base/secret_matcher.hpp"
#include "tests/fuzz/input.hpp"

#include <cstdio>

using namespace sluice;
using fuzz::must;

namespace {

constexpr std::string_view key = "sk_live_Zq7/Secret+Key=99";

std::string each_as(const char* pattern) {
  std::string result;
  for (unsigned char c : key) {
    char text[16];
    std::snprintf(text, sizeof text, pattern, c);
    result += text;
  }
  return result;
}

/// The key in one of the forms in which text may contain it.
std::string form_of_key(size_t number) {
  switch (number) {
    case 0:
      return std::string{key};
    case 1:
      return each_as("\\u%04x");
    case 2:
      return each_as("%%%02X");
    case 3:
      return base64(key);
    default:
      return each_as("%02x");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto matcher = [&] {
    secret_matcher made;
    made.add(key, true);
    made.add("user:pass word", false);
    return made;
  }();
  fuzz::input in{data, size};
  auto place = in.below(256);
  auto form = form_of_key(in.below(5));
  std::string text{in.rest()};
  auto masked = matcher.mask(text, std::string::npos);
  must(masked.find(key) == std::string::npos);
  if (text.find(form) != std::string::npos)
    return 0;
  // After a blank, so that the preceding text does not change the meaning of
  // the form.
  text.insert(std::min(place, text.size()), ' ' + form);
  auto leaves_none = [&](const std::string& result) {
    return result.find(key) == std::string::npos
           && result.find(form) == std::string::npos;
  };
  must(leaves_none(matcher.mask(text, std::string::npos)));
  matcher.overwrite(text.data(), text.size());
  must(leaves_none(text));
  return 0;
}
