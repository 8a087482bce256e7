// Which URLs of one run have a capture.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice {

/// One bit per URL of a batch, in batch order, packed from the low bit.
using coverage_bits = std::vector<uint8_t>;

class coverage {
public:
  /// `urls` are a batch's, in order; `bits` is what earlier pages covered
  /// (empty: nothing).
  explicit coverage(const std::vector<std::string> &urls,
                    coverage_bits bits = {});

  /// Matches a capture's URL: the URL with the same bytes, else the one with
  /// the same normal form if that is unique in the run. Marks it and returns
  /// true; false is an extra capture, which is kept but covers nothing.
  bool mark(std::string_view capture_url);

  [[nodiscard]] const coverage_bits &bits() const noexcept { return bits_; }

  /// Number of URLs covered.
  [[nodiscard]] uint64_t covered() const noexcept { return covered_; }

private:
  static constexpr uint32_t ambiguous = UINT32_MAX;
  std::unordered_map<std::string, uint32_t> exact_;
  std::unordered_map<std::string, uint32_t> normal_; ///< or `ambiguous`
  coverage_bits bits_;
  uint64_t covered_ = 0;
};

} // namespace sluice
