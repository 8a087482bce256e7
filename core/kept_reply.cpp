#include "core/kept_reply.hpp"

#include "core/file_descriptor.hpp"

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

/// Bytes of the replies kept in `folder`.
uint64_t kept_in(const std::filesystem::path& folder) {
  uint64_t sum = 0;
  std::error_code failed;
  for (auto& entry : std::filesystem::directory_iterator{folder, failed}) {
    if (!entry.path().native().ends_with(ending))
      continue;
    auto size = entry.file_size(failed);
    if (!failed)
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
  auto folder = file.parent_path();
  auto kept = kept_in(folder.empty() ? "." : folder);
  if (body.size() > most || kept > most - body.size())
    return not_kept(file, "the kept replies would exceed "
                            + std::to_string(most)
                            + " bytes; remove those you do not need");
  file_descriptor out{
    ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
           S_IRUSR | S_IWUSR)};
  if (out.get() >= 0 && write_all(out.get(), body))
    return {};
  auto why = std::string{std::strerror(errno)};
  if (out.get() >= 0)
    std::filesystem::remove(file, failed);
  return not_kept(file, why);
}

} // namespace sluice
