// Checks that an output file is the right one, when it is opened and while it
// is written.

#include "actors/sinks/load_advice.hpp"
#include "actors/sinks/output_file.hpp"
#include "core/base/digest.hpp"
#include "core/base/disk_error.hpp"
#include "core/base/job_command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice {

caf::error output_file::check_kept(const file_extent& kept) {
  auto err = acquire(false);
  if (!err)
    err = check_found(kept);
  fd_ = {};
  return err;
}

/// The ways to continue if a job's file is missing or has changed.
std::string output_file::ways_on() const {
  if (options_.in_load)
    return ways_on_in_load("whole file");
  auto lost = "--lost " + shell_word(options_.sink);
  return " Put the whole file back. If it was moved, write its new path in the "
         "config, then run `"
         + job_command("relocate") + "`. If it is lost, `"
         + job_command("relocate", options_.sink.empty() ? "" : lost)
         + "` reports what is lost and continues in a new file.";
}

/// Checks that the open file is the one with the extent `kept`.
caf::error output_file::check_found(const file_extent& kept) const {
  const auto& path = options_.path;
  if (end_ < kept.length)
    return make_error(ec::disk, "'" + printable(path.native()) + "' has "
                                  + std::to_string(end_)
                                  + " bytes, but this job has written "
                                  + std::to_string(kept.length)
                                  + ": someone shortened it." + ways_on());
  if (kept.length == kept.base)
    return {};
  if (kept.tail == 0)
    return check_end(kept);
  auto found = tail_of(kept);
  if (!found)
    return found.error();
  return *found == kept.tail ? caf::error{} : not_ours();
}

caf::error output_file::not_ours() const {
  return make_error(ec::disk, "'" + printable(options_.path.native())
                                + "' does not end with what this job wrote: it "
                                  "is a different file, or someone changed it."
                                + ways_on());
}

/// Checks what can be seen without a hash: the end of a line, or the start of
/// the first frame. Bytes after `kept` prove nothing: after a power failure
/// they may be zeros.
caf::error output_file::check_end(const file_extent& kept) const {
  std::array<char, 4> next{};
  if (options_.as == compression::none) {
    if (::pread(fd_.get(), next.data(), 1, static_cast<off_t>(kept.length - 1))
        != 1)
      return disk_error("read", options_.path, errno);
    return next[0] == '\n' ? caf::error{} : not_ours();
  }
  auto got =
    ::pread(fd_.get(), next.data(), next.size(), static_cast<off_t>(kept.base));
  if (got < 0)
    return disk_error("read", options_.path, errno);
  auto is_whole = got == static_cast<ssize_t>(next.size());
  return is_whole && is_foreign(options_.as, {next.data(), next.size()})
           ? not_ours()
           : caf::error{};
}

caf::expected<uint64_t> output_file::tail_of(const file_extent& kept) const {
  constexpr uint64_t most = 4096;
  auto size = std::min(most, kept.length - kept.base);
  std::array<char, most> bytes{};
  auto got = ::pread(fd_.get(), bytes.data(), size,
                     static_cast<off_t>(kept.length - size));
  if (got != static_cast<ssize_t>(size))
    return disk_error("read", options_.path, got < 0 ? errno : EIO);
  auto hash = sha256({std::string_view{bytes.data(), size}});
  uint64_t result = 0;
  for (size_t i = 0; i < sizeof(result); ++i)
    result = result << 8 | hash[i];
  return size == 0 ? 0 : std::max<uint64_t>(result, 1);
}

/// Bytes written to a deleted or renamed file would count as delivered and be
/// lost.
caf::error output_file::check_undisturbed() const {
  const auto& path = options_.path;
  struct stat ours {};
  struct stat named {};
  if (::fstat(fd_.get(), &ours) != 0)
    return disk_error("examine", path, errno);
  auto is_there = ::stat(path.c_str(), &named) == 0;
  if (is_there && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev)
    return check_size();
  auto what = ours.st_nlink == 0 && !is_there ? "deleted"
              : ours.st_nlink == 0            ? "replaced"
              : is_there                      ? "moved and replaced"
                                              : "moved";
  return make_error(ec::disk, "'" + printable(path.native()) + "' was " + what
                                + " while this job was writing it. Move a file "
                                  "only after its job has ended."
                                + ways_on()
                                + " Then run the same command again.");
}

/// Also called before each write.
caf::error output_file::check_size() const {
  const auto& path = options_.path;
  struct stat ours {};
  if (::fstat(fd_.get(), &ours) != 0)
    return disk_error("examine", path, errno);
  auto size = static_cast<uint64_t>(ours.st_size);
  if (size == end_)
    return {};
  auto advice = size < end_ ? "truncated it (as logrotate does with "
                              "copytruncate). Put the whole file back"
                            : "wrote to it. Leave it alone while the job runs";
  return make_error(
    ec::disk, "'" + printable(path.native()) + "' has " + std::to_string(size)
                + " bytes where this job wrote " + std::to_string(end_)
                + ": someone " + advice + ", then run the same command again.");
}

} // namespace sluice
