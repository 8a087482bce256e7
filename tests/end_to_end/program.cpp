#include "tests/end_to_end/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace sluice::test {

namespace {

using namespace std::chrono_literals;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void redirect(int to, const std::string& file, int flags) {
  auto fd = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0)
    ::_exit(127);
}

} // namespace

program::program(const program_input& input) : patience_{input.patience} {
  std::vector<std::string> arguments{input.executable};
  arguments.insert(arguments.end(), input.arguments.begin(),
                   input.arguments.end());
  auto environment = input.environment;
  environment.emplace("PATH", "/usr/bin:/bin");
  environment.emplace("HOME", folder_ / "home");
  std::vector<std::string> variables;
  for (auto& [name, value] : environment)
    variables.push_back(name + "=" + value);
  auto argv = pointers_to(arguments);
  auto envp = pointers_to(variables);
  fill(folder_ / "in", input.standard_input);
  auto in = (folder_ / "in").string();
  auto out = (folder_ / "out").string();
  auto err = (folder_ / "err").string();
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    redirect(STDIN_FILENO, in, O_RDONLY);
    redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
}

program::~program() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
}

void program::signal(int number) const {
  // Never to -1, which is everyone.
  if (pid_ > 0)
    ::kill(pid_, number);
}

void program::collect(int status) {
  pid_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool program::running() {
  if (pid_ < 0)
    return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_)
    return true;
  collect(status);
  return false;
}

program_result program::wait() {
  auto deadline = std::chrono::steady_clock::now() + patience_;
  while (running()) {
    if (std::chrono::steady_clock::now() > deadline)
      signal(SIGKILL);
    std::this_thread::sleep_for(2ms);
  }
  return {exit_code_, content_of(folder_ / "out"), errors()};
}

std::string program::errors() const {
  return content_of(folder_ / "err");
}

program_result run_program(const program_input& input) {
  return program{input}.wait();
}

} // namespace sluice::test
