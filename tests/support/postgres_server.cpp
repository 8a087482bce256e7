#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace sluice::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* programs = "/usr/lib/postgresql/15/bin/";
constexpr auto patience = 60s;

/// The server refuses to run as root.
const passwd* other_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

/// Runs in the child.
[[noreturn]] void
become(const std::vector<std::string>& command, const passwd* user) {
  auto quiet = ::open("/dev/null", O_RDWR);
  for (auto stream : {0, 1, 2})
    ::dup2(quiet, stream);
  if (user != nullptr
      && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  // It must not outlive a test program that crashes. After setuid, which would
  // undo it.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  std::vector<char*> arguments;
  for (const auto& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

pid_t launch(const std::vector<std::string>& command) {
  const auto* user = other_user();
  auto pid = ::fork();
  if (pid == 0)
    become(command, user);
  return pid;
}

bool run(const std::vector<std::string>& command) {
  auto pid = launch(command);
  int status = 0;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status)
         && WEXITSTATUS(status) == 0;
}

} // namespace

postgres_server* postgres_server::find() {
  static std::unique_ptr<postgres_server> server = [] {
    std::unique_ptr<postgres_server> made;
    if (::access((std::string{programs} + "initdb").c_str(), X_OK) == 0) {
      made.reset(new postgres_server);
      if (!made->create() || !made->start())
        made.reset();
    }
    return made;
  }();
  return server.get();
}

postgres_server* postgres_server::shared() {
  auto* server = find();
  if (server == nullptr)
    std::cout << "skipped: no PostgreSQL 15 can be started here\n";
  return server;
}

std::unique_ptr<postgres_server> postgres_server::fresh() {
  std::unique_ptr<postgres_server> made{new postgres_server};
  if (!made->create() || !made->start())
    throw std::runtime_error("no second PostgreSQL");
  return made;
}

postgres_server::postgres_server() = default;

postgres_server::~postgres_server() {
  stop();
}

bool postgres_server::create() {
  if (const auto* user = other_user())
    if (::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      return false;
  if (!run({std::string{programs} + "initdb", "--no-sync", "--username=sluice",
            "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--no-instructions", "-D", folder_ / "data"}))
    return false;
  fill(folder_ / "data" / "pg_hba.conf",
       "local all guarded scram-sha-256\nlocal all all trust\n");
  return true;
}

std::vector<std::string> postgres_server::command() const {
  std::vector<std::string> out{std::string{programs} + "postgres", "-D",
                               folder_ / "data", "-k", folder_.path()};
  for (const auto* setting :
       {"listen_addresses=", "fsync=off", "full_page_writes=off",
        "shared_buffers=16MB", "max_connections=40", "autovacuum=off",
        "log_min_messages=panic", "dynamic_shared_memory_type=mmap"}) {
    out.emplace_back("-c");
    out.emplace_back(setting);
  }
  return out;
}

bool postgres_server::is_up() const {
  auto where = postgres::dsn::read(dsn("postgres"));
  return where && postgres::connection::open(*where, {}).engaged();
}

bool postgres_server::start() {
  pid_ = launch(command());
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (pid_ > 0 && !is_up()) {
    auto has_ended = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (has_ended)
      pid_ = -1;
    if (has_ended || std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(20ms);
  }
  return pid_ > 0;
}

void postgres_server::stop() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGINT); // ends its sessions
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string postgres_server::dsn(const std::string& database,
                                 const std::string& user) const {
  return "host=" + socket_folder() + " dbname=" + database + " user=" + user;
}

std::string postgres_server::socket_folder() const {
  return folder_.path();
}

std::string postgres_server::new_database(const std::string& options) {
  auto name = "test_" + std::to_string(++databases_);
  postgres_client{dsn("postgres")}.ask("CREATE DATABASE " + name + " "
                                       + options);
  return dsn(name);
}

postgres_client::postgres_client(const std::string& dsn) {
  auto where = postgres::dsn::read(dsn);
  if (!where)
    throw std::runtime_error(what_of(where.error()));
  auto opened = postgres::connection::open(*where, {});
  if (!opened)
    throw std::runtime_error(what_of(opened.error()));
  connection_ = std::move(*opened);
}

std::string postgres_client::ask_all(const std::string& sql) {
  auto answer = connection_->run(sql);
  if (!answer)
    throw std::runtime_error(what_of(answer.error()) + ": " + sql);
  std::string out;
  for (size_t row = 0; row < answer->rows(); ++row) {
    for (size_t column = 0; column < answer->columns(); ++column) {
      out += column == 0 ? "" : "|";
      out += answer->text(row, column);
    }
    out += '\n';
  }
  return out;
}

std::string postgres_client::ask(const std::string& sql) {
  auto all = ask_all(sql);
  return all.substr(0, all.find('\n'));
}

void postgres_client::script(const std::string& sql) {
  if (auto err = connection_->script(sql))
    throw std::runtime_error(what_of(err) + ": " + sql);
}

} // namespace sluice::test
