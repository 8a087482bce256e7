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

namespace sluice {

namespace {

class memory_store final : public bucket_store {
public:
  explicit memory_store(bucket_state initial) : state_{initial} {}

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    change(state_);
    return {};
  }

private:
  bucket_state state_;
};

/// Identifies one boot of the machine; "-" if the kernel does not tell.
std::string boot_id() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(in, id);
  return id.empty() ? "-" : id;
}

class file_store final : public bucket_store {
public:
  file_store(std::filesystem::path file, bucket_state initial)
      : file_{std::move(file)}, initial_{initial}, boot_{boot_id()} {}

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    file_descriptor fd{
      ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!fd)
      return failure("opened");
    while (::flock(fd.get(), LOCK_EX) != 0)
      if (errno != EINTR)
        return failure("locked");
    std::array<char, most_bucket_text> buffer;
    auto size = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
    if (size < 0)
      return failure("read");
    auto state = initial_;
    if (size > 0) {
      std::string_view text{buffer.data(), static_cast<size_t>(size)};
      if (auto found = read_bucket(text, boot_))
        state = std::move(*found);
      else
        state.level = 0;
    }
    change(state);
    auto text = bucket_text(state, boot_);
    // One short write: if the process is killed, the file has either text,
    // never a mixture whose first line can be read.
    if (::pwrite(fd.get(), text.data(), text.size(), 0)
          != static_cast<ssize_t>(text.size())
        || ::ftruncate(fd.get(), static_cast<off_t>(text.size())) != 0)
      return failure("written");
    return {};
  }

private:
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
  std::ifstream in{file};
  std::string text(most_bucket_text, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  auto state = read_bucket(text, boot_id());
  return state ? state->turns.heard(now) : std::vector<sharing_job>{};
}

std::unique_ptr<bucket_store> make_memory_bucket_store(bucket_state initial) {
  return std::make_unique<memory_store>(initial);
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
    std::make_unique<file_store>(file, initial);
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
