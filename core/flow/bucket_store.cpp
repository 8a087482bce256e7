#include "core/flow/bucket_store.hpp"

#include "core/base/state_folder.hpp"

#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

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

int64_t ticks(time_point at) {
  return std::chrono::duration_cast<duration>(at.time_since_epoch()).count();
}

time_point from_ticks(int64_t count) {
  return time_point{
    std::chrono::duration_cast<time_point::duration>(duration{count})};
}

std::string encode(const bucket_state& state, const std::string& boot) {
  std::ostringstream out;
  out.precision(17);
  out << "sluice-bucket-2 " << boot << ' ' << state.level << ' '
      << ticks(state.at) << ' ' << ticks(state.frozen_at) << ' '
      << ticks(state.frozen_until) << ' ' << state.wait.count() << ' '
      << state.probing << ' ' << ticks(state.probe_sent) << ' '
      << state.share.value << ' ' << ticks(state.share.at) << " end\n";
  return out.str();
}

/// False if the text is empty, cut short, or from another boot.
bool decode(const std::string& text, const std::string& boot,
            bucket_state& state) {
  std::istringstream in{text};
  std::string magic, written_boot, end;
  int64_t at = 0, frozen_at = 0, frozen_until = 0, wait = 0, probe_sent = 0,
          share_at = 0;
  bucket_state read;
  in >> magic >> written_boot >> read.level >> at >> frozen_at >> frozen_until
    >> wait >> read.probing >> probe_sent >> read.share.value >> share_at
    >> end;
  if (!in || magic != "sluice-bucket-2" || end != "end" || written_boot != boot)
    return false;
  read.at = from_ticks(at);
  read.frozen_at = from_ticks(frozen_at);
  read.frozen_until = from_ticks(frozen_until);
  read.wait = duration{wait};
  read.probe_sent = from_ticks(probe_sent);
  read.share.at = from_ticks(share_at);
  state = read;
  return true;
}

class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_{fd} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

class file_store final : public bucket_store {
public:
  file_store(std::filesystem::path file, bucket_state initial)
      : file_{std::move(file)}, initial_{initial}, boot_{boot_id()} {}

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    descriptor fd{::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (fd.get() < 0)
      return failure("opened");
    while (::flock(fd.get(), LOCK_EX) != 0)
      if (errno != EINTR)
        return failure("locked");
    std::array<char, 512> buffer{};
    auto size = ::pread(fd.get(), buffer.data(), buffer.size(), 0);
    if (size < 0)
      return failure("read");
    auto state = initial_;
    if (size > 0
        && !decode({buffer.data(), static_cast<size_t>(size)}, boot_, state))
      state.level = 0;
    change(state);
    auto text = encode(state, boot_);
    // One short write: if the process is killed, the file has either text,
    // never a mixture that passes `decode`.
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

std::string hex_digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < 16; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

} // namespace

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
  auto identity = std::string{base_url} + '\n' + std::string{key};
  return state_folder() / ("bucket-" + hex_digest(identity));
}

} // namespace sluice
