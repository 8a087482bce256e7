#include "core/ledger/kept_reply.hpp"

#include "core/base/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace sluice {

namespace {

constexpr std::string_view ending = ".unreadable";
constexpr size_t shown_of_job_id = 8;

caf::error not_kept(const std::filesystem::path& file, const std::string& why) {
  return make_error(ec::disk, "the reply cannot be kept in "
                                + printable(file.native()) + ": " + why);
}

/// Bytes of the replies kept for the same job as `file`.
uint64_t kept_already(const std::filesystem::path& file) {
  uint64_t sum = 0;
  auto folder = file.parent_path();
  auto name = file.filename().native();
  auto own = std::string_view{name}.substr(0, name.rfind('-') + 1);
  std::error_code failed;
  std::filesystem::directory_iterator at{folder.empty() ? "." : folder, failed};
  for (; !failed && at != std::filesystem::directory_iterator{};
       at.increment(failed)) {
    auto other = at->path().filename().native();
    std::error_code no_size;
    if (other.starts_with(own) && other.ends_with(ending))
      if (auto size = at->file_size(no_size); !no_size)
        sum += size;
  }
  return sum;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

} // namespace

std::filesystem::path kept_reply_file(const std::filesystem::path& ledger,
                                      const std::string& job_id,
                                      int64_t batch) {
  auto name = ledger;
  name += '.' + job_id.substr(0, shown_of_job_id) + '-' + std::to_string(batch)
          + std::string{ending};
  return name;
}

caf::error keep_reply(const std::filesystem::path& file, std::string_view body,
                      uint64_t most) {
  std::error_code failed;
  std::filesystem::remove(file, failed);
  auto kept = kept_already(file);
  if (body.size() > most || kept > most - body.size())
    return not_kept(file, "the kept replies would exceed "
                            + std::to_string(most)
                            + " bytes; remove those you do not need");
  file_descriptor out{
    ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
           S_IRUSR | S_IWUSR)};
  if (out && write_all(out.get(), body) && ::fdatasync(out.get()) == 0)
    return {};
  auto why = std::string{std::strerror(errno)};
  if (out)
    std::filesystem::remove(file, failed);
  return not_kept(file, why);
}

} // namespace sluice
