// A download over a socket: the bytes of the reply, its codec, its lines.

#include "core/api/capture_download.hpp"
#include "tests/fuzz/byte_server.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

namespace {

void check_spans(const page_reply& part) {
  auto size = part.body->size();
  for (auto capture : part.captures) {
    must(capture.span.begin < capture.span.end && capture.span.end <= size);
    must(capture.id.begin <= capture.id.end && capture.id.end <= size);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::byte_server server;
  static const auto profile = [] {
    api_profile made;
    made.results.items = {"/items"};
    made.results.item_id = {"/_id"};
    made.results.item_url = {"/url"};
    made.download = download_dialect{"/d", {"/url"}, "jsonl.lz4"};
    return std::make_shared<const api_profile>(std::move(made));
  }();
  fuzz::input in{data, size};
  download_options options;
  options.profile = profile;
  options.directory = fuzz::folder();
  options.transport.timeout = std::chrono::seconds{5};
  options.max_file = 1 << 20;
  options.max_content = 16 << 20;
  server.answer(in.rest());
  capture_download file{options};
  auto opened = file.open({server.url()});
  for (int i = 0; i < 100 && opened.outcome == read_outcome::ok; ++i) {
    auto part = file.next();
    if (part.verdict.outcome != read_outcome::ok)
      break;
    check_spans(part);
    if (!part.next)
      break;
  }
  return 0;
}
