#include "simulator/faults.hpp"

namespace sluice::sim {

static_assert(fault_names.size() == static_cast<size_t>(fault::truncate) + 1);

fault draw_fault(const simulator_options& options, const chance& dice,
                 uint64_t number, bool is_submit) noexcept {
  const struct {
    double share;
    fault kind;
  } shares[] = {
    {options.reset, fault::reset},
    {options.html_error, fault::html_error},
    {options.error_503, fault::error_503},
    {options.error_500, fault::error_500},
    {options.lost_reply, fault::lost_reply},
    {options.truncate, fault::truncate},
  };
  auto rest = dice.share(draw::request_fault, number);
  auto drawn = fault::none;
  for (auto [share, kind] : shares) {
    if (rest < share) {
      drawn = kind;
      break;
    }
    rest -= share;
  }
  if (drawn == fault::error_500 && is_submit
      && dice.hits(0.5, draw::create_before_500, number))
    return fault::late_500;
  return drawn;
}

} // namespace sluice::sim
