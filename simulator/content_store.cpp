#include "simulator/content_store.hpp"

#include <utility>

namespace sluice::sim {

void content_store::add(run_content content) {
  entry added;
  added.robot = &*robots_.insert(content.robot).first;
  added.captures = content.captures;
  added.bytes = static_cast<uint32_t>(content.urls.size());
  added.url_count = content.url_count;
  added.url_limit = content.url_limit;
  entries_.push_back(std::move(added));
  keep(entries_.size() - 1,
       std::make_shared<const run_content>(std::move(content)));
}

std::shared_ptr<const run_content>
content_store::brief(uint64_t number, std::string id) const {
  auto& found = entries_[number];
  if (found.resident)
    return found.resident;
  run_content content;
  content.id = std::move(id);
  content.robot = *found.robot;
  content.url_count = found.url_count;
  content.url_limit = found.url_limit;
  content.captures = found.captures;
  return std::make_shared<const run_content>(std::move(content));
}

std::shared_ptr<const run_content>
content_store::whole(uint64_t number, std::string id) {
  auto found = brief(number, std::move(id));
  auto& stored = entries_[number];
  if (stored.resident)
    return found;
  auto content = *found;
  content.urls = file_.read(stored.offset, stored.bytes);
  found = std::make_shared<const run_content>(std::move(content));
  keep(number, found);
  return found;
}

void content_store::keep(uint64_t number,
                         std::shared_ptr<const run_content> content) {
  resident_bytes_ += content->urls.size() + other_bytes;
  entries_[number].resident = std::move(content);
  resident_.push_back(number);
  make_room();
}

void content_store::make_room() {
  while (resident_bytes_ > most_bytes_) {
    auto& oldest = entries_[resident_.front()];
    if (oldest.offset == unwritten) {
      auto offset = file_.append(oldest.resident->urls);
      if (!offset)
        return;
      oldest.offset = *offset;
    }
    resident_bytes_ -= oldest.bytes + other_bytes;
    oldest.resident.reset();
    resident_.pop_front();
  }
}

} // namespace sluice::sim
