#include "core/base/rename_group.hpp"

#include "core/base/job_command.hpp"

namespace sluice {

namespace fs = std::filesystem;

rename_group::rename_group(std::string when_undone, rename_function how)
    : when_undone_{std::move(when_undone)}, how_{std::move(how)} {
  if (!how_)
    how_ = [](const path& from, const path& to, std::error_code& failed) {
      fs::rename(from, to, failed);
    };
}

caf::error rename_group::rename(const path& from, const path& to) {
  std::error_code failed;
  how_(from, to, failed);
  if (!failed) {
    done_.emplace_back(from, to);
    return {};
  }
  auto left = undo();
  return make_error(ec::disk,
                    "'" + printable(from.native()) + "' cannot be renamed to '"
                      + printable(to.native()) + "': " + failed.message() + ". "
                      + (left.empty() ? when_undone_
                                      : "Earlier renames could not be undone: "
                                        "undo them before anything else, with"
                                          + left));
}

caf::error rename_group::rename_if_there(const path& from, const path& to) {
  std::error_code ignored;
  return fs::exists(from, ignored) ? rename(from, to) : caf::error{};
}

std::string rename_group::undo() {
  std::string left;
  for (auto i = done_.rbegin(); i != done_.rend(); ++i) {
    std::error_code failed;
    how_(i->second, i->first, failed);
    if (failed)
      left += "\n    mv " + shell_word(i->second.native()) + " "
              + shell_word(i->first.native());
  }
  done_.clear();
  return left;
}

} // namespace sluice
