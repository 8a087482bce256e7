// URLs in lists, the URL of the API, and the links in its replies.

#include "core/base/url.hpp"

#include "core/base/percent_encoding.hpp"
#include "core/http/http_url.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  std::string base{in.line()};
  std::string text{in.rest()};
  if (url_defect(text) == nullptr) {
    must(split_http_url(text).has_value());
    auto normal = normal_form(text);
    must(normal_form(normal) == normal);
    static_cast<void>(host_of(text));
  }
  if (origin_of(text)) {
    must(target_of(text).starts_with('/'));
    static_cast<void>(without_parameter(text, "token"));
  }
  if (origin_of(base))
    if (auto link = resolve_link(base, text))
      must(origin_of(*link).has_value());
  must(percent_decode(percent_encode(text)) == text);
  return 0;
}
