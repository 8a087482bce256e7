#include "bench/torture/small_disk.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace sluice::torture {

namespace {

std::string size_option(uint64_t bytes) {
  return "size=" + std::to_string(bytes);
}

class mounted_disk final : public small_disk {
public:
  explicit mounted_disk(std::filesystem::path folder)
      : folder_{std::move(folder)} {}
  ~mounted_disk() override { ::umount2(folder_.c_str(), MNT_DETACH); }
  mounted_disk(const mounted_disk&) = delete;
  mounted_disk& operator=(const mounted_disk&) = delete;

  [[nodiscard]] std::string kind() const override { return "tmpfs"; }

  void resize(uint64_t bytes) override {
    if (::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT,
                size_option(bytes).c_str())
        != 0)
      throw std::runtime_error(std::string{"the disk cannot be resized: "}
                               + std::strerror(errno));
  }

  [[nodiscard]] test::program_result
  run(const test::program_input& input) const override {
    return run_program(input);
  }

private:
  std::filesystem::path folder_;
};

class limited_files final : public small_disk {
public:
  explicit limited_files(uint64_t bytes) : bytes_{bytes} {}

  [[nodiscard]] std::string kind() const override { return "file limit"; }

  void resize(uint64_t bytes) override { bytes_ = bytes; }

  /// A child inherits the limit that this process has when it starts the child.
  [[nodiscard]] test::program_result
  run(const test::program_input& input) const override {
    rlimit usual{};
    ::getrlimit(RLIMIT_FSIZE, &usual);
    rlimit small{bytes_, usual.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    test::program running{input};
    ::setrlimit(RLIMIT_FSIZE, &usual);
    return running.wait();
  }

private:
  uint64_t bytes_;
};

bool mount_small(const std::filesystem::path& folder, uint64_t bytes) {
  return ::unshare(CLONE_NEWNS) == 0
         && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
         && ::mount("tmpfs", folder.c_str(), "tmpfs", 0,
                    size_option(bytes).c_str())
              == 0;
}

} // namespace

std::unique_ptr<small_disk>
make_small_disk(const std::filesystem::path& folder, uint64_t bytes) {
  if (mount_small(folder, bytes))
    return std::make_unique<mounted_disk>(folder);
  return std::make_unique<limited_files>(bytes);
}

} // namespace sluice::torture
