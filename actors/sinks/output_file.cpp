#include "actors/sinks/output_file.hpp"

#include "core/base/crash_point.hpp"
#include "core/base/disk_error.hpp"
#include "core/base/sync_folder.hpp"
#include "core/model/capture_page.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

/// Lines are buffered until they have this size, and larger ones are split into
/// pieces of it, so memory use does not depend on the size of a capture.
constexpr size_t chunk = 256 * 1024;

/// A small remainder would cost a system call of its own.
size_t next_piece(size_t left) {
  return left < 2 * chunk ? left : chunk;
}

bool has_line_break(std::string_view text) {
  return std::memchr(text.data(), '\n', text.size()) != nullptr
         || std::memchr(text.data(), '\r', text.size()) != nullptr;
}

} // namespace

output_file::output_file(options opts)
    : options_(std::move(opts)), encoder_(make_frame_encoder(options_.as)) {}

caf::error output_file::open(const std::optional<file_extent>& kept) {
  auto err = acquire(!kept || kept->length == 0);
  if (!err)
    err = kept ? cut_back(*kept) : adopt();
  crash_point(kept ? crash_at::file_cut : crash_at::file_created);
  if (!err)
    err = sync_folder();
  // `close` must not cut a file that was not accepted.
  if (err)
    fd_ = {};
  return err;
}

caf::error output_file::check_first_start() {
  struct stat found {};
  if (::stat(options_.path.c_str(), &found) != 0) {
    auto folder = options_.path.parent_path();
    auto may_come =
      errno == ENOENT
      && ::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0;
    return may_come ? caf::error{} : disk_error("open", options_.path, errno);
  }
  auto err = acquire(false);
  if (!err)
    err = refuse_found();
  fd_ = {};
  return err;
}

caf::error output_file::cut_longer(const file_extent& kept) {
  std::error_code failed;
  auto size = std::filesystem::file_size(options_.path, failed);
  if (failed || size <= kept.length)
    return {};
  auto err = acquire(false);
  auto is_ours = !err && !check_found(kept);
  fd_ = {};
  if (err || !is_ours)
    return err;
  if (err = open(kept); err)
    return err;
  return close();
}

/// Opens and locks the file; sets `end_` to its length.
caf::error output_file::acquire(bool create) {
  const auto& path = options_.path;
  // O_NONBLOCK: a named pipe without a reader must not hang the start.
  // O_APPEND: if someone truncates the file, later writes leave no hole that
  // would restore its size.
  auto flags =
    O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | (create ? O_CREAT : 0);
  fd_ = file_descriptor{::open(path.c_str(), flags, 0666)};
  if (!fd_ && errno == ENOENT && !create)
    return make_error(
      ec::disk, "'" + printable(path.native())
                  + "', which this job has been writing, is gone." + ways_on());
  if (!fd_)
    return disk_error("open", path, errno);
  struct stat found {};
  if (::fstat(fd_.get(), &found) != 0)
    return disk_error("examine", path, errno);
  if (!S_ISREG(found.st_mode))
    return make_error(ec::usage, "'" + printable(path.native())
                                   + "' is not a regular file. Choose another "
                                     "path, or a sink of type stdout.");
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return disk_error("lock", path, errno);
    return make_error(ec::disk,
                      "'" + printable(path.native())
                        + "' is being written by another sluice or another "
                          "sink of this job. Give each its own path.");
  }
  // Checked again: the length may have changed while another process held the
  // lock.
  if (::fstat(fd_.get(), &found) != 0)
    return disk_error("examine", path, errno);
  end_ = static_cast<uint64_t>(found.st_size);
  return {};
}

/// At the first start, existing content is older than this job.
caf::error output_file::refuse_found() const {
  const auto& path = options_.path;
  if (end_ > 0 && options_.found == found_rule::refuse)
    return make_error(ec::usage,
                      "'" + printable(path.native())
                        + "' already has content. Move it away, or choose "
                          "what to do with it: 'exists: append' or "
                          "'exists: replace'.");
  if (options_.found == found_rule::replace)
    return {};
  std::array<char, 4> first{};
  auto got = ::pread(fd_.get(), first.data(), first.size(), 0);
  if (got < 0)
    return disk_error("read", path, errno);
  if (got > 0
      && is_foreign(options_.as, {first.data(), static_cast<size_t>(got)}))
    return make_error(ec::usage,
                      "'" + printable(path.native())
                        + "' was not written with this compression, so "
                          "nothing can be appended to it. Choose the "
                          "compression it has, or another path.");
  return {};
}

caf::error output_file::adopt() {
  if (auto err = refuse_found())
    return err;
  auto kept = options_.found == found_rule::replace ? 0 : end_;
  return cut_back({kept, kept});
}

caf::error output_file::cut_back(const file_extent& kept) {
  const auto& path = options_.path;
  if (auto err = check_found(kept))
    return err;
  if (::ftruncate(fd_.get(), static_cast<off_t>(kept.length)) != 0)
    return disk_error("cut back", path, errno);
  end_ = kept.length;
  synced_ = kept;
  if (options_.as != compression::none || end_ == 0)
    return {};
  // Our first line must not be appended to someone else's unterminated line.
  char last = 0;
  if (::pread(fd_.get(), &last, 1, static_cast<off_t>(end_ - 1)) != 1)
    return disk_error("read", path, errno);
  if (last != '\n')
    pending_ = "\n";
  return {};
}

/// A new file survives a power failure only if its folder is synced.
caf::error output_file::sync_folder() const {
  auto error = sync_folder_of(options_.path);
  // Some file systems cannot sync folders, and need not.
  if (error == 0 || error == EINVAL)
    return {};
  auto folder = options_.path.parent_path();
  return disk_error("sync", folder.empty() ? "." : folder, error);
}

caf::error output_file::append_line(std::string_view json) {
  if (failed_)
    return failed_;
  dirty_ = true;
  if (json.size() < chunk || has_line_break(json)) {
    append_capture(pending_, json);
    pending_ += '\n';
    return pending_.size() < chunk ? caf::error{} : flush();
  }
  if (auto err = flush())
    return err;
  pending_ = "\n";
  return encode(json);
}

/// Encodes and writes all pending lines.
caf::error output_file::flush() {
  auto err = encode(pending_);
  if (pending_.capacity() > 2 * chunk)
    std::string{}.swap(pending_);
  pending_.clear();
  return err;
}

caf::error output_file::encode(std::string_view bytes) {
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, next_piece(bytes.size()));
    bytes.remove_prefix(piece.size());
    auto ready = encoder_->encode(piece);
    if (!ready)
      return fail(ready.error());
    if (auto err = put(*ready))
      return err;
  }
  return {};
}

caf::error output_file::put(std::string_view bytes) {
  if (bytes.empty())
    return {};
  // Otherwise a truncated file would grow back to its old size, and the next
  // start would take it for complete.
  if (auto err = check_size())
    return fail(err);
  while (!bytes.empty()) {
    auto wrote = ::write(fd_.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote < 0)
      return fail(disk_error("write", options_.path, errno));
    end_ += static_cast<uint64_t>(wrote);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return {};
}

caf::expected<file_extent> output_file::checkpoint() {
  if (failed_)
    return failed_;
  if (dirty_)
    if (auto err = end_frame())
      return err;
  if (auto err = check_undisturbed())
    return fail(err);
  if (!dirty_)
    return synced_;
  crash_point(crash_at::file_syncing);
  if (::fdatasync(fd_.get()) != 0)
    return fail(disk_error("sync", options_.path, errno));
  auto tail = tail_of({synced_.base, end_});
  if (!tail) {
    // It may have been truncated since it was checked.
    auto err = check_size();
    return fail(err ? err : tail.error());
  }
  synced_.length = end_;
  synced_.tail = *tail;
  dirty_ = false;
  return synced_;
}

caf::error output_file::end_frame() {
  if (auto err = flush())
    return err;
  auto last = encoder_->finish();
  return last ? put(*last) : fail(last.error());
}

caf::error output_file::close() {
  if (!fd_)
    return {};
  // Changes by others are left for the next `open` to judge.
  auto err = check_undisturbed();
  if (!err && ::ftruncate(fd_.get(), static_cast<off_t>(synced_.length)) != 0)
    err = disk_error("cut back", options_.path, errno);
  fd_ = {};
  // After a failure, the error has already been reported.
  return failed_ ? caf::error{} : err;
}

caf::error output_file::fail(caf::error err) {
  failed_ = err;
  return err;
}

} // namespace sluice
