#include "core/input/url_batcher.hpp"

#include "core/model/import_target.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

url_batcher::url_batcher(std::vector<std::string> robots,
                         uint32_t urls_per_batch, import_target& target)
    : robots_{std::move(robots)},
      urls_per_batch_{urls_per_batch},
      target_{target},
      open_(robots_.size()) {}

caf::error url_batcher::add(uint32_t robot, std::string_view url) {
  auto& batch = open_[robot];
  if (batch.ends.empty())
    batch = std::exchange(spare_, {});
  batch.text += url;
  batch.ends.push_back(batch.text.size());
  waiting_ += url.size();
  if (batch.ends.size() >= urls_per_batch_)
    return hand_over(robot);
  return waiting_ > most_waiting ? hand_over(largest()) : caf::none;
}

caf::error url_batcher::flush() {
  for (uint32_t robot = 0; robot < open_.size(); ++robot)
    if (!open_[robot].ends.empty())
      if (auto err = hand_over(robot))
        return err;
  return caf::none;
}

caf::error url_batcher::hand_over(uint32_t robot) {
  auto batch = std::exchange(open_[robot], {});
  urls_.clear();
  size_t begin = 0;
  for (auto end : batch.ends) {
    urls_.push_back(std::string_view{batch.text}.substr(begin, end - begin));
    begin = end;
  }
  auto err = target_.add_batch(robots_[robot], urls_);
  waiting_ -= batch.text.size();
  batch.text.clear();
  batch.ends.clear();
  spare_ = std::move(batch);
  ++batches_;
  return err;
}

uint32_t url_batcher::largest() const noexcept {
  auto by_size = [](const open_batch& a, const open_batch& b) {
    return a.text.size() < b.text.size();
  };
  auto found = std::max_element(open_.begin(), open_.end(), by_size);
  return static_cast<uint32_t>(found - open_.begin());
}

} // namespace sluice
