// Secrets in text from outside.

#include "core/secret_matcher.hpp"
#include "core/utf8.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view key = "sk_live_Zq7/Secret+Key=99";
  static const auto matcher = [&] {
    secret_matcher made;
    made.add(key, true);
    made.add("user:pass word", false);
    return made;
  }();
  fuzz::input in{data, size};
  auto place = in.below(256);
  std::string text{in.rest()};
  auto masked = matcher.mask(text, std::string::npos);
  must(masked.find(key) == std::string::npos);
  text.insert(std::min(place, text.size()), key);
  must(matcher.mask(text, std::string::npos).find(key) == std::string::npos);
  matcher.overwrite(text.data(), text.size());
  must(text.find(key) == std::string::npos);
  return 0;
}
