// The bytes of a reply, in pieces and as a whole.

#include "core/http/reply_framing.hpp"
#include "tests/fuzz/input.hpp"

using namespace sluice;
using fuzz::must;

namespace {

struct read_reply {
  std::string body;
  size_t left = 0; ///< bytes after the reply
  bool complete = false;
  bool defective = false;
  int status = 0;
  friend bool operator==(const read_reply&, const read_reply&) = default;
};

read_reply read(const char* method, std::string_view bytes, size_t piece_size) {
  reply_framing framing{method};
  read_reply result;
  while (!bytes.empty() && !framing.ended()) {
    auto piece = bytes.substr(0, piece_size);
    auto size = piece.size();
    result.body += framing.take(piece);
    bytes.remove_prefix(size - piece.size());
  }
  if (!framing.ended())
    framing.on_close();
  result.left = framing.complete() ? bytes.size() : 0;
  result.complete = framing.complete();
  result.defective = framing.defect() != nullptr;
  result.status = framing.has_head() ? framing.head().status : 0;
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  auto* method = in.below(2) == 0 ? "GET" : "CONNECT";
  auto piece_size = in.below(40) + 1;
  auto whole = read(method, in.rest(), SIZE_MAX);
  must(whole.body.size() <= in.rest().size());
  must(read(method, in.rest(), piece_size) == whole);
  return 0;
}
