#include "core/ledger/ledger_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

namespace sluice {

namespace {

/// Far beyond the bytes that SQLite locks (around 1 GiB, see
/// https://sqlite.org/c3ref/io_methods.html) and beyond the end of any ledger.
constexpr off_t covered_byte = off_t{1} << 62;

caf::error cannot_lock(const std::filesystem::path& file, int number) {
  return make_error(ec::disk,
                    "cannot lock " + in_quotes(file.native()) + " ("
                      + std::strerror(number)
                      + "): check that its directory exists, is writable and "
                        "is on a local disk");
}

/// The process id in a lock file, as text; "unknown" if the file does not begin
/// with one.
std::string holder_in(int descriptor) {
  char text[24];
  auto size = ::pread(descriptor, text, sizeof(text), 0);
  std::string digits;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i)
    digits += text[i];
  return digits.empty() ? "unknown" : digits;
}

/// Only for the message of another process, so a failure does not matter.
void write_holder(int descriptor) {
  auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
    auto done = ::pwrite(descriptor, text.data(), text.size(), 0);
}

caf::error in_use(const std::filesystem::path& ledger, const std::string& by) {
  return make_error(ec::ledger_locked,
                    "the ledger " + in_quotes(ledger.native())
                      + " is in use by another sluice (process " + by
                      + "): wait until it ends, or stop it");
}

std::filesystem::path lock_file_of(const std::filesystem::path& ledger) {
  auto file = ledger_lock::one_name_of(ledger);
  file += ".lock";
  return file;
}

/// 0, or the error number.
int lock(int descriptor, int operation) {
  int code;
  do {
    code = ::flock(descriptor, operation | LOCK_NB);
  } while (code != 0 && errno == EINTR);
  return code == 0 ? 0 : errno;
}

/// A process that only checks the lock holds it for an instant, so a few tries
/// are enough.
int lock_patiently(int descriptor) {
  constexpr auto tries = 5;
  auto number = lock(descriptor, LOCK_EX);
  for (auto i = 1; i < tries && number == EWOULDBLOCK; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    number = lock(descriptor, LOCK_EX);
  }
  return number;
}

} // namespace

std::filesystem::path
ledger_lock::one_name_of(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  constexpr auto most_links = 40; // the kernel's own limit
  std::error_code failed;
  auto name = file;
  // SQLite creates the target of a dangling link.
  for (auto i = 0; i < most_links && fs::is_symlink(name, failed)
                   && !fs::exists(name, failed);
       ++i)
    name = name.parent_path() / fs::read_symlink(name, failed);
  auto result = fs::weakly_canonical(name, failed);
  return failed ? name : result;
}

std::optional<std::string>
ledger_lock::holder(const std::filesystem::path& ledger) {
  auto file = lock_file_of(ledger);
  file_descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!descriptor || lock(descriptor.get(), LOCK_SH) != EWOULDBLOCK)
    return std::nullopt;
  return holder_in(descriptor.get());
}

caf::error ledger_lock::check_free(const std::filesystem::path& ledger) {
  auto by = holder(ledger);
  return by ? in_use(ledger, *by) : caf::error{};
}

caf::expected<ledger_lock>
ledger_lock::take(const std::filesystem::path& ledger) {
  auto file = lock_file_of(ledger);
  file_descriptor descriptor{
    ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (!descriptor)
    return cannot_lock(file, errno);
  auto number = lock_patiently(descriptor.get());
  if (number == EWOULDBLOCK)
    return in_use(ledger, holder_in(descriptor.get()));
  if (number != 0)
    return cannot_lock(file, number);
  write_holder(descriptor.get());
  return ledger_lock{std::move(descriptor)};
}

caf::expected<ledger_lock> ledger_lock::take_when_free(
  const std::filesystem::path& ledger,
  const std::function<bool(const std::string&)>& goes_on) {
  constexpr std::chrono::milliseconds between_tries{200};
  for (;;) {
    auto lock = take(ledger);
    if (lock || code_of(lock.error()) != ec::ledger_locked)
      return lock;
    if (!goes_on(holder(ledger).value_or("")))
      return make_error(ec::interrupted,
                        "interrupted while waiting for the ledger "
                          + in_quotes(ledger.native()));
    std::this_thread::sleep_for(between_tries);
  }
}

caf::error ledger_lock::cover(const std::filesystem::path& ledger) {
  ledger_ = file_descriptor{::open(ledger.c_str(), O_RDWR | O_CLOEXEC)};
  if (!ledger_)
    return cannot_lock(ledger, errno);
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_start = covered_byte;
  wanted.l_len = 1;
  if (::fcntl(ledger_.get(), F_OFD_SETLK, &wanted) == 0)
    return {};
  auto is_held = errno == EAGAIN || errno == EACCES;
  return is_held ? in_use(ledger, "unknown: its lock file was deleted")
                 : cannot_lock(ledger, errno);
}

} // namespace sluice
