// A ledger file that is damaged or malicious. An input is a list of changes to
// a sound one: an offset (4 bytes), a length, and the new bytes.

#include "core/ledger/ledger.hpp"

#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "tests/fuzz/input.hpp"

#include <fstream>
#include <iterator>

using namespace sluice;
using fuzz::must;

namespace {

void check(const caf::error& err) {
  must(!err);
}

/// A closed ledger with batches in several states.
std::string sound_ledger() {
  auto file = fuzz::folder() / "sound.sluice";
  {
    auto store = open_ledger(file);
    must(store.engaged());
    auto& job = **store;
    check(job.begin_import());
    for (int i = 0; i < 6; ++i)
      check(job.add_batch(
        "rbt_1", {"https://shop.example/1", "https://shop.example/2"}));
    check(job.finish_import({12, 0, 0, 12, 6}));
    for (batch_key key = 1; key <= 4; ++key) {
      check(job.begin_submit(key, {"worker", 1'000}));
      if (key < 4)
        check(job.settle(key, submit_result::accepted,
                         "run_" + std::to_string(key), 1));
    }
    check(job.settle(4, submit_result::held, "no reply", 1));
    check(job.record_end(1, {}, {}));
  }
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string changed(std::string bytes, fuzz::input& in) {
  while (!in.rest().empty()) {
    size_t where = 0;
    for (auto byte : in.take(4))
      where = where << 8 | static_cast<unsigned char>(byte);
    auto piece = in.take(in.below(64) + 1);
    where %= bytes.size();
    bytes.replace(where, std::min(piece.size(), bytes.size() - where), piece);
  }
  return bytes;
}

void read_all(ledger& job) {
  static_cast<void>(job.report());
  static_cast<void>(job.imported());
  static_cast<void>(job.held_batches(10));
  static_cast<void>(job.set_aside_runs(10));
  static_cast<void>(job.rejected_batches(10));
  static_cast<void>(job.invalid_records(10));
  static_cast<void>(job.held_submits(10));
  for (batch_key key = 0; key < 4; ++key)
    static_cast<void>(job.start_paging(key));
  size_t urls = 0;
  static_cast<void>(job.each_url(
    url_state::missing, [&](const listed_url&) { return ++urls < 1'000; }));
  static_cast<void>(job.find_url("https://shop.example/2", 9));
}

void work_on(ledger& job) {
  static_cast<void>(job.hold_interrupted());
  static_cast<void>(job.begin_round({true, true, true}, 1));
  static_cast<void>(job.open_runs());
  for (int i = 0; i < 8; ++i) {
    auto next = job.next_planned();
    if (!next || !*next)
      break;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto sound = sound_ledger();
  fuzz::input in{data, size};
  auto file = fuzz::write_file("job.sluice", changed(sound, in));
  for (auto* suffix : {"-wal", "-shm", ".format3"})
    std::filesystem::remove(file.native() + suffix);
  auto store = open_ledger(file);
  if (!store)
    return 0;
  read_all(**store);
  work_on(**store);
  return 0;
}
