#include "core/flow/bucket_store.hpp"

#include "core/base/digest.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/state_folder.hpp"
#include "core/flow/bucket_text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

class memory_store final : public bucket_store {
public:
  explicit memory_store(bucket_state initial) : state_{std::move(initial)} {}

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    change(state_);
    return {};
  }

private:
  bucket_state state_;
};

/// Identifies one boot of the machine; "-" if the kernel does not say.
std::string boot_id() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(in, id);
  return id.empty() ? "-" : id;
}

/// False if the file cannot be locked. It stays locked until it is closed.
bool lock(const file_descriptor& fd, int operation) {
  while (::flock(fd.get(), operation) != 0)
    if (errno != EINTR)
      return false;
  return true;
}

using text_buffer = std::array<char, most_bucket_text>;

/// nullopt if the file cannot be read.
std::optional<std::string_view>
text_in(const file_descriptor& fd, text_buffer& buffer) {
  auto size = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
  if (size < 0)
    return std::nullopt;
  return std::string_view{buffer.data(), static_cast<size_t>(size)};
}

class file_store final : public bucket_store {
public:
  file_store(std::filesystem::path file, bucket_state initial)
      : file_{std::move(file)},
        initial_{std::move(initial)},
        boot_{boot_id()} {}

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    file_descriptor fd{
      ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!fd)
      return failure("opened");
    if (!lock(fd, LOCK_EX))
      return failure("locked");
    text_buffer buffer;
    auto found = text_in(fd, buffer);
    if (!found)
      return failure("read");
    auto state = state_of(*found);
    change(state);
    auto text = bucket_text(state, boot_);
    // If the process is killed meanwhile, the file has the first line of either
    // text, and maybe a mixture of their turns, which the checksum detects.
    if (::pwrite(fd.get(), text.data(), text.size(), 0)
          != static_cast<ssize_t>(text.size())
        || ::ftruncate(fd.get(), static_cast<off_t>(text.size())) != 0)
      return failure("written");
    return {};
  }

private:
  [[nodiscard]] bucket_state state_of(std::string_view text) const {
    if (text.empty())
      return initial_;
    if (auto known = read_bucket(text, boot_))
      return *known;
    auto state = initial_;
    state.level = 0;
    return state;
  }

  [[nodiscard]] caf::error failure(const char* done) const {
    return make_error(ec::disk, "the shared token bucket " + file_.string()
                                  + " cannot be " + done + ": "
                                  + std::strerror(errno)
                                  + "; make its folder writable, or point "
                                    "XDG_STATE_HOME to one that is");
  }

  std::filesystem::path file_;
  bucket_state initial_;
  std::string boot_;
};

} // namespace

std::vector<sharing_job>
jobs_at_bucket(const std::filesystem::path& file, time_point now) {
  std::vector<sharing_job> none;
  file_descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd || !lock(fd, LOCK_SH))
    return none;
  text_buffer buffer;
  auto text = text_in(fd, buffer);
  auto state =
    text && !text->empty() ? read_bucket(*text, boot_id()) : std::nullopt;
  return state ? state->turns.heard(now) : none;
}

std::unique_ptr<bucket_store> make_memory_bucket_store(bucket_state initial) {
  return std::make_unique<memory_store>(std::move(initial));
}

caf::expected<std::unique_ptr<bucket_store>>
open_bucket_file(const std::filesystem::path& file, bucket_state initial) {
  std::error_code code;
  std::filesystem::create_directories(file.parent_path(), code);
  if (code)
    return make_error(ec::disk, "the folder of the shared token bucket "
                                  + file.string()
                                  + " cannot be created: " + code.message()
                                  + "; point XDG_STATE_HOME to a folder that "
                                    "you can write to");
  std::unique_ptr<bucket_store> store =
    std::make_unique<file_store>(file, std::move(initial));
  if (auto err = store->update([](bucket_state&) {}))
    return err;
  return store;
}

std::filesystem::path
bucket_file_for(std::string_view base_url, std::string_view key) {
  auto digest = sha256_hex({base_url, "\n", key});
  return state_folder() / ("bucket-" + digest.substr(0, 32));
}

} // namespace sluice
