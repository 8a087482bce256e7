#include "core/base/byte_window.hpp"

#include <cassert>
#include <cstring>

namespace sluice {

byte_window::byte_window(std::unique_ptr<byte_source> source, size_t capacity)
    : source_{std::move(source)},
      capacity_{capacity},
      buffer_{std::make_unique_for_overwrite<char[]>(capacity)} {}

caf::error byte_window::fill() {
  if (ended_)
    return caf::none;
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  assert(end_ < capacity_);
  auto count = source_->read({buffer_.get() + end_, capacity_ - end_});
  if (!count)
    return count.error();
  ended_ = *count == 0;
  end_ += *count;
  return caf::none;
}

} // namespace sluice
