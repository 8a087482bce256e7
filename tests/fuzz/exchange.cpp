// A reply with a Content-Encoding over a socket.

#include "core/http/http_transport.hpp"
#include "tests/fuzz/byte_server.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::byte_server server;
  constexpr size_t most = 1 << 20;
  static http_transport transport{
    {.timeout = std::chrono::seconds{5}, .max_body = most}};
  fuzz::input in{data, size};
  http_request request;
  request.url = server.url();
  request.fresh_connection = true;
  server.answer(in.rest());
  auto reply = transport.exchange(request);
  must(reply.body.size() <= most);
  must(reply.outcome != transport_outcome::complete || reply.status >= 200);
  return 0;
}
