#include "simulator/lz4_frame.hpp"

#include <lz4frame.h>

namespace sluice::sim {

struct lz4_frame_writer::impl {
  LZ4F_cctx* context = nullptr;
  bool has_header = false;

  /// Lets `produce(to, capacity)` append up to `capacity` bytes to `out`.
  template <class Produce>
  bool append(std::string& out, size_t capacity, Produce produce) {
    auto old_size = out.size();
    out.resize(old_size + capacity);
    auto written = produce(out.data() + old_size, capacity);
    if (LZ4F_isError(written)) {
      out.resize(old_size);
      return false;
    }
    out.resize(old_size + written);
    return true;
  }

  bool begin(std::string& out) {
    if (has_header)
      return true;
    has_header = true;
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    return context != nullptr
           && append(out, LZ4F_HEADER_SIZE_MAX, [&](char* to, size_t room) {
                return LZ4F_compressBegin(context, to, room, &preferences);
              });
  }
};

lz4_frame_writer::lz4_frame_writer() : impl_{std::make_unique<impl>()} {
  if (LZ4F_isError(
        LZ4F_createCompressionContext(&impl_->context, LZ4F_VERSION)))
    impl_->context = nullptr;
}

lz4_frame_writer::~lz4_frame_writer() {
  LZ4F_freeCompressionContext(impl_->context);
}

bool lz4_frame_writer::write(std::string_view input, std::string& out) {
  auto bound = LZ4F_compressBound(input.size(), nullptr);
  return impl_->begin(out)
         && impl_->append(out, bound, [&](char* to, size_t room) {
              return LZ4F_compressUpdate(impl_->context, to, room, input.data(),
                                         input.size(), nullptr);
            });
}

bool lz4_frame_writer::finish(std::string& out) {
  auto bound = LZ4F_compressBound(0, nullptr);
  return impl_->begin(out)
         && impl_->append(out, bound, [&](char* to, size_t room) {
              return LZ4F_compressEnd(impl_->context, to, room, nullptr);
            });
}

} // namespace sluice::sim
