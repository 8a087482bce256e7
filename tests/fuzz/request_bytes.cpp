// The head of a request to the status page, in pieces and as a whole.

#include "core/http/server/request_head.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  auto step = in.below(60) + 1;
  auto bytes = in.rest();
  web::request_head whole;
  whole.read(bytes);
  web::request_head pieces;
  for (size_t end = 0;
       end < bytes.size() && pieces.state() == web::head_state::incomplete;) {
    end = std::min(end + step, bytes.size());
    pieces.read(bytes.substr(0, end));
  }
  must(pieces.state() == whole.state());
  if (whole.state() == web::head_state::refused)
    must(whole.why().status >= 400 && whole.why().status < 600);
  if (whole.state() != web::head_state::complete)
    return 0;
  must(whole.size() <= bytes.size());
  must(whole.size() <= web::most_head_bytes);
  auto handed_on = whole.handed_on(bytes);
  must(handed_on.ends_with("\r\n\r\n"));
  // The head that is passed on parses in the same way.
  web::request_head again;
  must(again.read(handed_on) == web::head_state::complete);
  must(again.size() == handed_on.size());
  must(again.body_size() == whole.body_size());
  must(again.is_chunked() == whole.is_chunked());
  return 0;
}
