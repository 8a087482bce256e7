// The search for the URLs that the API refuses. The API refuses a batch as a
// whole and may not say which URL is bad, so the batch is divided: one part is
// tested while the rest waits for the result.
//
//   test refused    the bad URL is in it: the search goes on there, and nothing
//                   is known about the rest, which is left over
//   test accepted   the rest has the bad URL: it is divided without being sent,
//                   unless only the URL that the API named was tested
//   otherwise       nothing is known: the rest is left over
//
// The leftover URLs of several batches are combined into full ones. These may
// be refused in turn: a verdict on a part decides only what is sent next.
//
// The search is in memory only. Its parts are planned batches like any other,
// and the next start submits them as they are. Pure.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/url_table.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class bad_url_search {
public:
  /// What batches must have in common for their URLs to be combined.
  struct kinship {
    std::string robot;
    uint64_t round = 0;
    uint32_t retries = 0;

    auto operator<=>(const kinship&) const = default;
  };

  /// A planned batch that has a part of the URLs of a refused one.
  struct part {
    batch_key key = 0;
    size_t urls = 0;
    std::optional<kinship> kin; ///< unset: it is not combined
  };

  /// Places [begin, end) of a batch.
  struct range {
    size_t begin = 0;
    size_t end = 0;
    bool is_named = false; ///< it is the URL that the refusal names

    [[nodiscard]] size_t size() const noexcept { return end - begin; }
  };

  /// Which URLs to test next in a batch with a bad URL. `message` is the API's.
  /// `is_first`: no submit has been accepted, so the request may be wrong:
  /// one URL that the API did not name is tested. REQUIRES: two URLs or more.
  [[nodiscard]] range part_to_test(const url_table& urls,
                                   std::string_view message,
                                   bool is_first) const;

  // -- what happens to batches ------------------------------------------------

  /// `test` and `rest` took the place of `whole`, which has a bad URL.
  void
  divided(batch_key whole, batch_key test, const part& rest, bool is_named);
  /// A submit was accepted. If a rest waited for it, the rest has a bad URL.
  void accepted(batch_key batch);
  /// Nothing is known about a rest that waits for this batch.
  void ended(batch_key batch);
  /// These parts may be handed out now, or another batch has their URLs.
  void release(const std::vector<part>& parts);

  // -- what to hand out -------------------------------------------------------

  /// A batch of two URLs or more that has a bad one: it is divided without
  /// being sent.
  [[nodiscard]] std::optional<batch_key> to_divide() const;

  /// The batch must not be handed out: it waits, or is left over.
  [[nodiscard]] bool keeps(batch_key batch) const {
    return kept_.contains(batch);
  }

  /// What is left over and may share one batch of `most` URLs, by key. `all`:
  /// even if the batch would not be full, unless a test may still add to it.
  [[nodiscard]] std::vector<part> to_share(size_t most, bool all) const;

private:
  struct waiting {
    part rest;
    bool is_named = false;
  };

  void leave_over(const part& rest);

  std::map<batch_key, waiting> waiting_; ///< by the batch that is tested
  std::map<kinship, std::vector<part>> left_over_;
  std::set<batch_key> bad_; ///< to divide
  std::set<batch_key> kept_;
  bool trusts_names_ = true; ///< no named URL has been accepted
};

} // namespace sluice
