#include "tests/support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

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

/// Both sides of a new terminal, the test's side first.
std::pair<int, int> open_terminal(unsigned short columns) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  int own = -1, other = -1;
  if (::openpty(&own, &other, nullptr, nullptr, &size) != 0)
    throw std::runtime_error("no terminal");
  ::fcntl(own, F_SETFD, FD_CLOEXEC);
  ::fcntl(other, F_SETFD, FD_CLOEXEC);
  return {own, other};
}

} // namespace

bool program::can_have_terminal() {
  int own = -1, other = -1;
  if (::openpty(&own, &other, nullptr, nullptr, nullptr) != 0) {
    std::cout << "skipped: no terminal can be made here\n";
    return false;
  }
  ::close(own);
  ::close(other);
  return true;
}

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
  int stderr_side = -1;
  if (input.terminal_columns > 0)
    std::tie(terminal_, stderr_side) = open_terminal(input.terminal_columns);
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    redirect(STDIN_FILENO, in, O_RDONLY);
    redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC);
    if (stderr_side < 0)
      redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT | O_TRUNC);
    else if (::dup2(stderr_side, STDERR_FILENO) < 0 || ::setsid() < 0
             || ::ioctl(STDERR_FILENO, TIOCSCTTY, 0) != 0)
      ::_exit(127);
    if (input.ignores_sighup)
      ::signal(SIGHUP, SIG_IGN);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  if (terminal_ >= 0) {
    ::close(stderr_side);
    follower_ = std::thread{[this] { follow_terminal(); }};
  }
}

program::~program() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  if (follower_.joinable())
    follower_.join();
  if (terminal_ >= 0)
    ::close(terminal_);
}

void program::hang_up() {
  hung_up_ = true;
  follower_.join();
  ::close(std::exchange(terminal_, -1));
}

void program::follow_terminal() {
  std::ofstream out{folder_ / "err", std::ios::binary};
  char bytes[4096];
  pollfd readable{terminal_, POLLIN, 0};
  while (!hung_up_) {
    if (::poll(&readable, 1, 20) <= 0)
      continue;
    auto got = ::read(terminal_, bytes, sizeof bytes);
    if (got <= 0) // the last process on the other side has ended
      return;
    out.write(bytes, got).flush();
  }
}

void program::signal(int number) const {
  // Never to -1, which means every process.
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
  if (follower_.joinable())
    follower_.join();
  return {exit_code_, content_of(folder_ / "out"), errors()};
}

std::string program::errors() const {
  return content_of(folder_ / "err");
}

bool program::says(const std::string& text) {
  auto deadline = std::chrono::steady_clock::now() + patience_;
  for (;;) {
    auto over = !running() || std::chrono::steady_clock::now() > deadline;
    if (errors().find(text) != std::string::npos)
      return true;
    if (over)
      return false;
    std::this_thread::sleep_for(5ms);
  }
}

program_result run_program(const program_input& input) {
  return program{input}.wait();
}

program_result sluice_with(std::vector<std::string> arguments) {
  program_input input;
  input.arguments = std::move(arguments);
  return run_program(input);
}

} // namespace sluice::test
