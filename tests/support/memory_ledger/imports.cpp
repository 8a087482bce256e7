// The import into the memory ledger.

#include "core/base/url.hpp"
#include "tests/support/memory_ledger/memory_ledger.hpp"

namespace sluice::test {

caf::error memory_ledger::check_bound(const job_binding& identity) {
  auto& old = job_->binding;
  auto changed =
    old.empty() ? "" : differences(carried_over(old, identity), identity);
  return changed.empty() ? caf::error{} : make_error(ec::usage, changed);
}

caf::error memory_ledger::bind(const job_binding& identity) {
  if (auto err = check_bound(identity))
    return err;
  return change([&]() -> caf::error {
    for (auto& [name, value] : identity) {
      auto old = std::find_if(job_->binding.begin(), job_->binding.end(),
                              [&](auto& entry) { return entry.first == name; });
      if (old == job_->binding.end())
        job_->binding.emplace_back(name, value);
      else
        old->second = value;
    }
    return {};
  });
}

caf::error memory_ledger::begin_import() {
  return change([&]() -> caf::error {
    if (job_->imported)
      return misused("an import begins after one was finished");
    job_->batches.clear();
    job_->invalid.clear();
    job_->lists.clear();
    importing_ = true;
    return {};
  });
}

caf::error memory_ledger::add_batch(std::string_view robot,
                                    const std::vector<std::string_view>& urls) {
  if (!importing_ || urls.empty())
    return misused("an import adds an empty batch, or has not begun");
  auto key = job_->next_key();
  auto& added = job_->batches[key].batch;
  added.key = key;
  added.robot = robot;
  for (auto url : urls)
    added.urls.add(url);
  return {};
}

caf::error memory_ledger::add_invalid(const invalid_record& record) {
  if (!importing_)
    return misused("an import adds before it has begun");
  job_->invalid.push_back(record);
  return {};
}

caf::error memory_ledger::add_list(const list_identity& list) {
  if (!importing_)
    return misused("an import adds before it has begun");
  job_->lists.push_back(list);
  return {};
}

caf::error memory_ledger::finish_import(const import_counts& counts) {
  if (!importing_)
    return misused("an import ends before it has begun");
  uint64_t urls = 0;
  for (auto& [key, added] : job_->batches)
    urls += added.urls();
  if (urls != counts.urls || job_->batches.size() != counts.batches
      || job_->invalid.size() != counts.invalid
      || counts.records != counts.invalid + counts.duplicates + counts.urls)
    return misused("the import's counts do not add up");
  return change([&]() -> caf::error {
    job_->counts = counts;
    job_->imported = true;
    importing_ = false;
    return {};
  });
}

caf::expected<std::vector<list_identity>> memory_ledger::lists() {
  return job_->lists;
}

caf::error memory_ledger::renew_lists(const std::vector<list_identity>& lists) {
  return change([&]() -> caf::error {
    job_->lists = lists;
    return {};
  });
}

caf::expected<bool> memory_ledger::is_imported() {
  return job_->imported;
}

caf::expected<import_counts> memory_ledger::imported() {
  return job_->counts;
}

caf::expected<std::string> memory_ledger::job_id() {
  return std::string{"a job in memory"};
}

caf::expected<job_binding> memory_ledger::identity() {
  return job_->binding;
}

caf::expected<int64_t> memory_ledger::begun_at_ms() {
  return 0; // it is not known
}

caf::expected<std::vector<invalid_record>>
memory_ledger::invalid_records(size_t limit) {
  auto& all = job_->invalid;
  auto count = static_cast<ptrdiff_t>(std::min(limit, all.size()));
  return std::vector(all.begin(), all.begin() + count);
}

caf::expected<std::optional<invalid_record>>
memory_ledger::find_invalid(std::string_view text) {
  auto cut = text.substr(0, max_url_bytes);
  for (auto& record : job_->invalid)
    if (record.text == cut)
      return std::optional{record};
  return std::optional<invalid_record>{};
}

} // namespace sluice::test
