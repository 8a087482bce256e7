#include "core/ledger_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace sluice {

namespace {

std::string quoted(const std::filesystem::path& file) {
  return "'" + printable(file.native()) + "'";
}

caf::error cannot_lock(const std::filesystem::path& file, int number) {
  return make_error(ec::disk,
                    "cannot lock " + quoted(file) + " (" + std::strerror(number)
                      + "): check that its directory exists, can be written "
                        "and is on a local disk");
}

/// The process id in a lock file, as text; "unknown" when there is none.
std::string holder(int descriptor) {
  char text[24];
  auto size = ::pread(descriptor, text, sizeof(text), 0);
  std::string digits;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i)
    digits += text[i];
  return digits.empty() ? "unknown" : digits;
}

/// Only for the message another process prints: failing is no error.
void write_holder(int descriptor) {
  auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
    auto done = ::pwrite(descriptor, text.data(), text.size(), 0);
}

} // namespace

caf::expected<ledger_lock>
ledger_lock::take(const std::filesystem::path& ledger) {
  auto file = ledger;
  file += ".lock";
  auto descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return cannot_lock(file, errno);
  ledger_lock lock{descriptor};
  int code;
  do {
    code = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (code != 0 && errno == EINTR);
  if (code != 0 && errno != EWOULDBLOCK)
    return cannot_lock(file, errno);
  if (code != 0)
    return make_error(
      ec::ledger_locked,
      "the ledger " + quoted(ledger) + " is in use by another sluice (process "
        + holder(descriptor) + "): wait until that ends, or stop it");
  write_holder(descriptor);
  return lock;
}

ledger_lock::~ledger_lock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

} // namespace sluice
