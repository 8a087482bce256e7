// The search for bad URLs in the ledger: it divides refused batches and pools
// what is left over from them (core/ledger/bad_url_search.hpp).

#include "core/ledger/ledger_impl.hpp"
#include "core/model/batch.hpp"

namespace sluice {

caf::error
sqlite_ledger::impl::narrow(batch_key batch, const std::string& message) {
  auto whole = head_of(batch);
  if (!whole)
    return whole.error();
  auto accepted_any = any_run();
  if (!accepted_any)
    return accepted_any.error();
  return test_part(batch_change::split, *whole, message, !*accepted_any);
}

/// Not in the submit's transaction: a failure here must not keep a run from
/// being recorded.
caf::error sqlite_ledger::impl::divide_bad() {
  while (auto bad = search.to_divide()) {
    auto whole = head_of(*bad);
    if (!whole)
      return whole.error();
    if (auto err = write(
          [&] { return test_part(batch_change::regroup, *whole, {}, false); }))
      return err;
  }
  return {};
}

caf::error
sqlite_ledger::impl::test_part(batch_change by, const batch_head& whole,
                               std::string_view message, bool is_first) {
  if (whole.count < 2)
    return misused("a bad URL is searched for in a batch of one");
  auto kin = kinship_of(whole);
  if (!kin)
    return kin.error();
  if (auto err = move(by, whole.key))
    return err;
  auto urls = urls_of(whole.key, whole.count);
  if (!urls)
    return urls.error();
  auto tested = search.part_to_test(*urls, message, is_first);
  auto parts = replace(whole, *urls, tested.begin, tested.end);
  if (!parts)
    return parts.error();
  submitted_before.erase(whole.key);
  submitted_before.insert({parts->first, parts->second});
  search.divided(whole.key, parts->first,
                 {parts->second, whole.count - tested.size(), std::move(*kin)},
                 tested.is_named);
  return {};
}

/// A batch that was held and resubmitted is not combined: what became of its
/// URLs is found through its parents, and a shared batch has none.
caf::expected<std::optional<bad_url_search::kinship>>
sqlite_ledger::impl::kinship_of(const batch_head& batch) {
  std::vector<url_place> given_up;
  if (auto err = add_given_up(batch.key, given_up))
    return err;
  if (!given_up.empty())
    return std::optional<bad_url_search::kinship>{};
  return std::optional{
    bad_url_search::kinship{batch.robot, batch.round, batch.retries}};
}

caf::expected<bool> sqlite_ledger::impl::share_left_over(bool all) {
  auto parts = search.to_share(retries.urls_per_run, all);
  if (parts.empty())
    return false;
  if (parts.size() > 1)
    if (auto err = write([&] { return pool_parts(parts); }))
      return err;
  search.release(parts);
  return true;
}

caf::error sqlite_ledger::impl::pool_parts(
  const std::vector<bad_url_search::part>& parts) {
  std::vector<url_table> tables;
  std::vector<std::string_view> urls;
  for (auto& part : parts) {
    if (auto err = move(batch_change::regroup, part.key))
      return err;
    auto table = urls_of(part.key, part.urls);
    if (!table)
      return table.error();
    tables.push_back(std::move(*table));
    if (auto err =
          db->use("DELETE FROM block WHERE batch = ?1", part.key).run())
      return err;
  }
  for (auto& table : tables)
    urls.insert(urls.end(), table.begin(), table.end());
  auto& kin = *parts.front().kin;
  if (auto err = insert_batch(kin.robot, urls,
                              {1, kin.retries, kin.round, std::nullopt}))
    return err;
  for (auto& part : parts)
    submitted_before.erase(part.key);
  submitted_before.insert(db->last_key());
  return {};
}

} // namespace sluice
