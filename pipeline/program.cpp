#include "pipeline/program.hpp"

#include "core/base/file_descriptor.hpp"
#include "core/base/units.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>

namespace sluice {

namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

caf::error failed(const std::string& name, const std::string& what) {
  return make_error(ec::unavailable, in_quotes(name) + ' ' + what);
}

caf::error cannot_start(const std::string& name, int number) {
  return failed(name, "cannot be started: "
                        + std::generic_category().message(number));
}

bool is_program(const fs::path& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode)
         && ::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) == 0;
}

/// An anonymous file with `text`, positioned at its start. The child need not
/// read it, so we never block.
file_descriptor file_with(std::string_view text) {
  file_descriptor file{::memfd_create("account", MFD_CLOEXEC)};
  while (file && !text.empty()) {
    auto count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return {};
    text.remove_prefix(static_cast<size_t>(count));
  }
  if (file && ::lseek(file.get(), 0, SEEK_SET) != 0)
    return {};
  return file;
}

/// The attributes of a new program, for posix_spawn.
class surroundings {
public:
  explicit surroundings(int input) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&rules_);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&rules_, &none);
    // We ignore these signals, and a program would inherit that.
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    ::posix_spawnattr_setsigdefault(&rules_, &usual);
    ::posix_spawnattr_setflags(&rules_, POSIX_SPAWN_SETPGROUP
                                          | POSIX_SPAWN_SETSIGMASK
                                          | POSIX_SPAWN_SETSIGDEF);
  }

  ~surroundings() {
    ::posix_spawnattr_destroy(&rules_);
    ::posix_spawn_file_actions_destroy(&files_);
  }

  surroundings(const surroundings&) = delete;
  surroundings& operator=(const surroundings&) = delete;

  /// 0, or the error number.
  int start(pid_t& process, const fs::path& program,
            const std::vector<std::string>& command) const {
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (auto& word : command)
      words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    return ::posix_spawn(&process, program.c_str(), &files_, &rules_,
                         words.data(), environ);
  }

private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t rules_{};
};

/// The status of waitpid(2) if `process` ends by `deadline` and before
/// `cancelled` returns true.
std::optional<int> wait_for(pid_t process, clock::time_point deadline,
                            const std::function<bool()>& cancelled = {}) {
  constexpr std::chrono::milliseconds step{10};
  for (;;) {
    int status = 0;
    auto ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process)
      return status;
    if (ended < 0 && errno != EINTR)
      return 0; // its status was taken elsewhere
    if (clock::now() >= deadline || (cancelled && cancelled()))
      return std::nullopt;
    std::this_thread::sleep_for(step);
  }
}

/// Kills the group, and `process` itself, which may have left it. False if the
/// process does not end soon: it may belong to another user or await a disk.
bool kill_all(pid_t process) {
  constexpr std::chrono::seconds patience{5};
  ::kill(-process, SIGKILL);
  ::kill(process, SIGKILL);
  return wait_for(process, clock::now() + patience).has_value();
}

caf::error judge(const std::string& name, int status) {
  if (WIFSIGNALED(status))
    return failed(name,
                  "was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return failed(name, "ended with exit code "
                          + std::to_string(WEXITSTATUS(status)));
  return {};
}

} // namespace

caf::expected<fs::path> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (is_program(name))
      return fs::path{name};
    return make_error(ec::usage,
                      in_quotes(name) + " is not an executable file");
  }
  auto* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/bin:/bin";
  for (auto more = true; more && !name.empty();) {
    auto end = rest.find(':');
    auto file = fs::path{rest.substr(0, end)} / name;
    if (is_program(file))
      return file;
    more = end != std::string_view::npos;
    rest.remove_prefix(more ? end + 1 : 0);
  }
  return make_error(ec::usage,
                    "there is no program " + in_quotes(name) + " in PATH");
}

caf::error call_program(const std::vector<std::string>& command,
                        std::string_view input, std::chrono::milliseconds limit,
                        const std::function<bool()>& cancelled) {
  auto& name = command.front();
  auto program = find_program(name);
  if (!program)
    return program.error();
  auto file = file_with(input);
  if (!file)
    return cannot_start(name, errno);
  pid_t process = 0;
  if (auto number = surroundings{file.get()}.start(process, *program, command);
      number != 0)
    return cannot_start(name, number);
  auto deadline = clock::now() + limit;
  if (auto status = wait_for(process, deadline, cancelled))
    return judge(name, *status);
  auto why = clock::now() < deadline
               ? std::string{"had not ended when it was cancelled"}
               : "had not ended after " + human_duration(limit);
  return failed(
    name,
    why + (kill_all(process) ? " and was killed" : " and could not be killed"));
}

} // namespace sluice
