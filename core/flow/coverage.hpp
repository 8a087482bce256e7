// Tracks which URLs of one run have a capture: takes the URLs of captures and
// keeps a bit for each URL of the batch. For `run_listing`, and for
// `run_match`, which asks whether a run's captures belong to a batch. No I/O.

#pragma once

#include "core/model/listing.hpp"
#include "core/model/url_table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice {

class coverage {
public:
  /// `urls` are the batch's, in order. `bits` is the coverage from earlier
  /// pages (empty: none).
  explicit coverage(url_table urls, coverage_bits bits = {});

  /// Matches a capture's URL: marks the URLs with the same bytes (several if
  /// the batch repeats one), else those with the same normal form if that is
  /// unique in the run. Returns false for an unmatched capture, which is kept
  /// but covers nothing.
  bool mark(std::string_view capture_url);

  [[nodiscard]] const coverage_bits& bits() const noexcept { return bits_; }

  /// Number of URLs.
  [[nodiscard]] size_t size() const noexcept { return urls_.size(); }

  /// How many of them are covered.
  [[nodiscard]] uint64_t covered() const noexcept { return covered_; }

private:
  static constexpr uint32_t free_slot = UINT32_MAX;

  void index();
  [[nodiscard]] size_t slot_for(std::string_view url) const;
  void join(uint32_t place, uint32_t other);
  bool mark_exact(std::string_view wanted);
  void mark_all_as(uint32_t place);
  bool mark_place(uint32_t place);
  void index_normal_forms();

  url_table urls_;
  /// One place of each distinct URL, by hash with linear probing: a few bytes
  /// per URL.
  std::vector<uint32_t> slots_;
  /// Place → the next place with the same URL, in a ring. Empty if all differ.
  std::vector<uint32_t> same_;
  uint32_t next_place_ = 0; ///< the place after the last match
  /// Normal form → a place of the only URL with that form, or nullopt if there
  /// are several. Built when a capture first fails to match by its bytes.
  std::unordered_map<std::string, std::optional<uint32_t>> normal_;
  coverage_bits bits_;
  uint64_t covered_ = 0;
};

} // namespace sluice
