#include "pipeline/load/capture_file.hpp"

#include "core/base/decompress.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/frame_encoder.hpp"
#include "core/base/units.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

/// The bytes of a file as stored.
class stored_bytes final : public byte_source {
public:
  explicit stored_bytes(file_descriptor fd) : fd_{std::move(fd)} {}

  caf::expected<size_t> read(std::span<char> into) override {
    for (;;) {
      auto count = ::read(fd_.get(), into.data(), into.size());
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return make_error(ec::input, std::strerror(errno));
      ended_ = count == 0;
      return static_cast<size_t>(count);
    }
  }

  [[nodiscard]] bool ended() const { return ended_; }

private:
  file_descriptor fd_;
  bool ended_ = false;
};

/// Names the file in errors, and tells a file that is cut short from one that
/// is damaged.
class capture_bytes final : public byte_source {
public:
  capture_bytes(std::string path, const stored_bytes& stored,
                std::unique_ptr<byte_source> plain)
      : path_{std::move(path)}, stored_{stored}, plain_{std::move(plain)} {}

  caf::expected<size_t> read(std::span<char> into) override {
    auto count = plain_->read(into);
    if (count)
      return count;
    if (stored_.ended())
      return make_error(
        ec::stopped,
        in_quotes(path_)
          + " ends within a compressed frame: it is still being written, or "
            "was cut short. Its complete captures are loaded. Run the same "
            "command again when it is complete.");
    return make_error(ec::input,
                      in_quotes(path_) + " cannot be read to its end: "
                        + what_of(count.error())
                        + ". What could be read is loaded. Put a good copy in "
                          "its place, then run the same command again.");
  }

private:
  std::string path_;
  const stored_bytes& stored_; ///< `plain_` owns it
  std::unique_ptr<byte_source> plain_;
};

compression compression_in(int descriptor) {
  std::array<char, 4> first{};
  auto size = ::pread(descriptor, first.data(), first.size(), 0);
  std::string_view bytes{first.data(),
                         size > 0 ? static_cast<size_t>(size) : 0};
  for (auto each : {compression::gzip, compression::zstd, compression::lz4})
    if (!is_foreign(each, bytes))
      return each;
  return compression::none;
}

caf::error cannot_open(const std::string& path, const std::string& why) {
  return make_error(ec::input, in_quotes(path) + " cannot be loaded: " + why);
}

caf::error has_changed(const loaded_file& known, const std::string& how) {
  return make_error(
    ec::disk, in_quotes(known.path) + " has changed in its first "
                + human_count(known.offset)
                + " bytes, which an earlier start has loaded: " + how
                + ". Put the file back as it was and "
                  "run the same command again; or load the changed file into "
                  "another sink.");
}

} // namespace

caf::expected<std::unique_ptr<byte_source>>
open_captures(const std::string& path) {
  // O_NONBLOCK: a named pipe without a writer must not hang the start.
  file_descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0)
    return cannot_open(path, std::strerror(errno));
  if (!S_ISREG(found.st_mode))
    return cannot_open(path, "it is not a regular file");
  auto as = compression_in(fd.get());
  auto stored = std::make_unique<stored_bytes>(std::move(fd));
  auto& bytes = *stored;
  auto plain = decompressed(as, std::move(stored));
  if (!plain)
    return plain.error();
  return std::unique_ptr<byte_source>{
    std::make_unique<capture_bytes>(path, bytes, std::move(*plain))};
}

caf::expected<open_capture_file>
continue_file(const loaded_file& known, const load_limits& limits,
              const std::function<bool()>& goes_on) {
  auto stamp = stamp_of(known.path);
  auto bytes = open_captures(known.path);
  if (!bytes)
    return bytes.error();
  open_capture_file file{{known.path, std::move(*bytes), limits}, stamp};
  auto err = file.lines.skip(known.offset, goes_on);
  if (code_of(err) == ec::disk)
    return has_changed(known, what_of(err));
  if (err)
    return err;
  if (known.offset > 0 && file.lines.hash() != known.hash)
    return has_changed(known, "they are other bytes");
  return file;
}

} // namespace sluice
