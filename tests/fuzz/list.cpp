// A list of URLs in each format and codec.

#include "core/base/url.hpp"
#include "core/input/list_reader.hpp"
#include "tests/fuzz/input.hpp"

#include <chrono>

using namespace sluice;
using fuzz::must;

namespace {

constexpr size_t most_records = 20'000;

/// Stops reading after a while: a few bytes may expand to very many.
class impatient_monitor : public read_monitor {
public:
  bool on_read(std::string_view) override {
    return std::chrono::steady_clock::now() < end_;
  }

private:
  std::chrono::steady_clock::time_point end_ =
    std::chrono::steady_clock::now() + std::chrono::milliseconds{300};
};

constexpr list_format formats[] = {list_format::automatic, list_format::lines,
                                   list_format::csv, list_format::jsonl,
                                   list_format::json};
constexpr const char* fields[] = {"url", "2", "/a/url"};
constexpr const char* names[] = {"list.txt",    "list.csv",     "list.jsonl",
                                 "list.gz",     "list.csv.zst", "list.lz4",
                                 "list.txt.zst"};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  input_options options;
  options.format = formats[in.below(std::size(formats))];
  options.delimiter = static_cast<list_delimiter>(in.below(4));
  options.field = fields[in.below(std::size(fields))];
  auto* name = names[in.below(std::size(names))];
  auto file = fuzz::write_file(name, in.rest());
  impatient_monitor monitor;
  auto reader = open_list_reader(file.native(), options, monitor);
  if (!reader)
    return 0;
  list_record record;
  for (size_t i = 0; i < most_records; ++i) {
    auto more = (*reader)->next(record);
    if (!more || !*more)
      break;
    must(record.line > 0);
    must(!record.defect.empty() || url_defect(record.text) == nullptr
         || record.text.size() <= max_url_bytes + 1);
  }
  return 0;
}
