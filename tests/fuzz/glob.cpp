// Names and patterns of lists.

#include "core/input/glob.hpp"

#include "tests/fuzz/input.hpp"

using namespace sluice;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool made = [] {
    for (auto* name : {"a.txt", "b.csv", "[c].txt", "d.jsonl.gz"})
      fuzz::write_file(name, "https://shop.example/\n");
    return true;
  }();
  static_cast<void>(made);
  fuzz::input in{data, size};
  std::string pattern{in.rest()};
  // Search only the target's folder.
  if (pattern.find('/') != std::string::npos
      || pattern.find('\0') != std::string::npos)
    return 0;
  if (auto lists = expand_lists({(fuzz::folder() / pattern).native()}))
    for (auto& list : *lists)
      fuzz::must(!list.empty());
  return 0;
}
