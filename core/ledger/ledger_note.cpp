#include "core/ledger/ledger_note.hpp"

#include "core/base/log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <thread>

namespace sluice {

namespace {

/// A fixed number of digits, so that one short write replaces all of them.
constexpr size_t digits = 20;
constexpr size_t note_size = digits + 1; // and a line feed

std::array<char, note_size> text_of(uint64_t changes) {
  std::array<char, note_size> result;
  result.fill('0');
  result.back() = '\n';
  auto text = std::to_string(changes);
  std::copy(text.begin(), text.end(),
            result.end() - 1 - static_cast<ptrdiff_t>(text.size()));
  return result;
}

/// False if another process has the lock. A process that only checks holds it
/// for an instant.
bool locks(int descriptor, int operation) {
  constexpr auto tries = 5;
  for (auto i = 0; i < tries; ++i) {
    if (::flock(descriptor, operation | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

} // namespace

ledger_note::ledger_note(const std::filesystem::path& folder,
                         std::string_view job_id)
    : file_{folder / ("job-" + std::string{job_id})} {}

uint64_t ledger_note::read() const {
  file_descriptor fd{::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  std::array<char, note_size> text{};
  if (!fd
      || ::pread(fd.get(), text.data(), text.size(), 0)
           != static_cast<ssize_t>(note_size))
    return 0;
  uint64_t result = 0;
  auto end = text.data() + digits;
  auto [stop, failed] = std::from_chars(text.data(), end, result);
  return failed == std::errc{} && stop == end ? result : 0;
}

bool ledger_note::open() {
  if (fd_)
    return true;
  std::error_code ignored; // open() reports what is wrong
  std::filesystem::create_directories(file_.parent_path(), ignored);
  fd_ = file_descriptor{
    ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600)};
  return static_cast<bool>(fd_);
}

bool ledger_note::claim() {
  return !open() || locks(fd_.get(), LOCK_EX);
}

void ledger_note::write_place(const std::filesystem::path& ledger,
                              uint64_t changes) {
  if (failed_ || !open())
    return;
  write(changes);
  auto line = ledger.native() + "\n";
  auto size = static_cast<off_t>(note_size + line.size());
  if (::pwrite(fd_.get(), line.data(), line.size(), note_size)
        != static_cast<ssize_t>(line.size())
      || ::ftruncate(fd_.get(), size) != 0)
    give_up(errno);
}

bool ledger_note::is_claimed() const {
  file_descriptor fd{::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  return fd && !locks(fd.get(), LOCK_SH);
}

std::string ledger_note::place_text() const {
  constexpr size_t most = 4096; // of a path
  std::ifstream in{file_, std::ios::binary};
  std::string text(note_size + most, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() <= note_size + 1)
    return {};
  text.pop_back();
  return "'" + printable(text.substr(note_size)) + "'";
}

void ledger_note::remove() {
  failed_ = true;
  ::unlink(file_.c_str());
}

void ledger_note::write(uint64_t changes) {
  if (failed_)
    return;
  auto text = text_of(changes);
  if (!open()
      || ::pwrite(fd_.get(), text.data(), text.size(), 0)
           != static_cast<ssize_t>(text.size()))
    give_up(errno);
}

void ledger_note::give_up(int number) {
  failed_ = true;
  log_event(log_level::warn, "ledger_not_noted",
            "the note on the ledger cannot be updated, so an old copy in "
            "its place would not be recognised; make the file's folder "
            "writable, or point XDG_STATE_HOME to one that is",
            {{"file", file_.native()}, {"reason", std::strerror(number)}});
}

caf::error ledger_note::check(const std::string& ledger, uint64_t noted,
                              uint64_t changes) const {
  if (noted <= changes)
    return {};
  auto note = "'" + printable(file_.native()) + "'";
  auto place = place_text();
  return make_error(
    ec::ledger_unusable,
    "the ledger " + ledger + " is an old copy: it has "
      + std::to_string(changes) + " changes, and " + std::to_string(noted)
      + " were made by this job, as noted in " + note
      + ". What the job submitted since would be paid for again. Put the newer "
        "ledger back"
      + (place.empty() ? "" : " (the job last ran with " + place + ")")
      + ". If that is lost and you agree to pay again, or if this "
        "one was continued by an older sluice, which keeps no such note, "
        "remove "
      + note + " and run again");
}

} // namespace sluice
