#include "pipeline/serve/report_reader.hpp"

#include "core/ledger/ledger.hpp"

namespace sluice {

caf::expected<report_ptr> report_reader::read_ledger() const {
  // Opened each time, because another ledger may have taken its place.
  auto store = attach_ledger(config_.ledger);
  if (!store)
    return store.error();
  auto report = read_job_report(**store, config_, listed_for_programs);
  if (!report)
    return report.error();
  return report_ptr{std::make_shared<job_report>(std::move(*report))};
}

void report_reader::forget() {
  std::lock_guard guard{mutex_};
  last_.reset();
}

caf::expected<report_ptr> report_reader::read() {
  constexpr auto good_for = std::chrono::milliseconds{900};
  std::lock_guard guard{mutex_};
  auto now = std::chrono::steady_clock::now();
  if (!last_ || now - read_at_ > good_for) {
    last_.emplace(read_ledger());
    read_at_ = now;
  }
  return *last_;
}

} // namespace sluice
