// A block of URLs from a ledger.

#include "core/ledger/url_block.hpp"

#include "tests/fuzz/input.hpp"

using namespace sluice;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  static url_unpacker unpacker;
  auto count = in.below(64);
  if (auto urls = unpacker.unpack(in.rest(), count))
    fuzz::must(urls->size() == count);
  return 0;
}
