#include "pipeline/load/load_store.hpp"

#include "core/base/disk_error.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/replace_file.hpp"
#include "core/ledger/load_names.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sluice {

namespace {

/// No state is longer: it names the files of one command line.
constexpr size_t longest = size_t{64} << 20;

/// nullopt if there is no such file.
caf::expected<std::optional<std::string>>
content_of(const std::filesystem::path& file) {
  file_descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd && errno == ENOENT)
    return std::optional<std::string>{};
  if (!fd)
    return disk_error("open", file, errno);
  std::string text;
  constexpr size_t piece = 64 * 1024;
  for (size_t size = 0; size <= longest;) {
    text.resize(size + piece);
    auto count = ::read(fd.get(), text.data() + size, piece);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return disk_error("read", file, errno);
    size += static_cast<size_t>(count);
    text.resize(size);
    if (count == 0)
      break;
  }
  return std::optional{std::move(text)};
}

caf::error in_use(std::string_view sink, const std::filesystem::path& file) {
  return make_error(ec::ledger_locked,
                    "another sluice loads into sink '" + printable(sink)
                      + "' (process "
                      + ledger_lock::holder(file).value_or("unknown")
                      + "): wait until it ends, or stop it");
}

} // namespace

load_store::load_store(ledger_lock lock, std::filesystem::path file,
                       std::optional<load_state> found)
    : lock_{std::move(lock)},
      file_{std::move(file)},
      found_{std::move(found)} {}

caf::expected<load_store>
load_store::open(const std::filesystem::path& ledger, std::string_view sink) {
  auto file = state_of_load(ledger, sink);
  auto lock = ledger_lock::take(file);
  if (!lock)
    return code_of(lock.error()) == ec::ledger_locked ? in_use(sink, file)
                                                      : lock.error();
  auto text = content_of(file);
  if (!text)
    return text.error();
  std::optional<load_state> found;
  if (*text) {
    auto state = read_load_state(**text, file);
    if (!state)
      return state.error();
    found = std::move(*state);
  }
  return load_store{std::move(*lock), std::move(file), std::move(found)};
}

caf::error load_store::save(const load_state& state) const {
  return replace_file(file_, load_state_text(state));
}

} // namespace sluice
