#include "tests/end_to_end/browser.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace sluice::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* executable = "/usr/bin/chromium";
constexpr auto patience = 60s;

std::string json_of(const std::string& text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer writer{buffer};
  writer.String(text.c_str());
  return buffer.GetString();
}

/// Runs in the child. The browser reads commands from 3 and writes to 4.
[[noreturn]] void
become_browser(int commands, int replies, const std::string& profile) {
  // Moves both out of the way first, because either may be 3 or 4.
  auto in = ::fcntl(commands, F_DUPFD, 10);
  auto out = ::fcntl(replies, F_DUPFD, 10);
  ::dup2(in, 3);
  ::dup2(out, 4);
  auto quiet = ::open("/dev/null", O_RDWR);
  for (auto stream : {0, 1, 2})
    ::dup2(quiet, stream);
  ::setenv("HOME", profile.c_str(), 1);
  auto folder = "--user-data-dir=" + profile;
  ::execl(executable, executable, "--headless", "--no-sandbox", "--disable-gpu",
          "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--disable-component-update",
          "--disable-sync", "--remote-debugging-pipe", folder.c_str(), nullptr);
  ::_exit(127);
}

std::string decoded(const std::string& base64) {
  std::string out;
  uint32_t bits = 0;
  auto count = 0;
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
                              "vwxyz0123456789+/";
  for (auto c : base64) {
    auto value = letters.find(c);
    if (value == std::string::npos)
      break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

} // namespace

bool browser::is_installed() {
  // The browser locates its own parts through /proc, which a minimal root may
  // lack.
  return ::access(executable, X_OK) == 0
         && ::access("/proc/self/exe", F_OK) == 0;
}

browser::browser(const browser_options& options) {
  start();
  auto target = call("Target.createTarget", R"({"url":"about:blank"})");
  auto id = json_of(target["targetId"].text());
  auto attached =
    call("Target.attachToTarget", R"({"flatten":true,"targetId":)" + id + "}");
  session_ = attached["sessionId"].text();
  for (auto* domain : {"Page", "Runtime", "Log"})
    call(std::string{domain} + ".enable", "{}");
  call("Emulation.setDeviceMetricsOverride",
       R"({"mobile":false,"width":)" + std::to_string(options.width)
         + R"(,"height":)" + std::to_string(options.height)
         + R"(,"deviceScaleFactor":)" + std::to_string(options.pixels) + "}");
  call("Emulation.setEmulatedMedia",
       std::string{R"({"features":[{"name":"prefers-color-scheme","value":")"}
         + (options.dark ? "dark" : "light") + "\"}]}");
}

browser::~browser() {
  ::close(to_);
  ::close(from_);
  // The browser exits once its pipe is closed. If it takes too long, it is
  // killed.
  for (auto tries = 0; tries < 100; ++tries) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_)
      return;
    std::this_thread::sleep_for(50ms);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void browser::start() {
  std::array<int, 2> commands{}, replies{};
  REQUIRE(::pipe2(commands.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(replies.data(), O_CLOEXEC) == 0);
  auto profile = (profile_ / "profile").string();
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0)
    become_browser(commands[0], replies[1], profile);
  ::close(commands[0]);
  ::close(replies[1]);
  to_ = commands[1];
  from_ = replies[0];
}

std::string browser::next_message() {
  auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (auto end = received_.find('\0'); end != std::string::npos) {
      auto message = received_.substr(0, end);
      received_.erase(0, end + 1);
      return message;
    }
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
    pollfd entry{from_, POLLIN, 0};
    if (left <= 0ms || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0)
      FAIL("the browser does not answer");
    std::array<char, 64 << 10> buffer;
    auto count = ::read(from_, buffer.data(), buffer.size());
    if (count <= 0)
      FAIL("the browser has ended");
    received_.append(buffer.data(), static_cast<size_t>(count));
  }
}

json_view
browser::call(const std::string& method, const std::string& parameters) {
  auto number = ++calls_;
  auto message = R"({"id":)" + std::to_string(number) + R"(,"method":")"
                 + method + R"(","params":)" + parameters;
  if (!session_.empty())
    message += R"(,"sessionId":)" + json_of(session_);
  message += '}';
  message += '\0';
  for (size_t sent = 0; sent < message.size();) {
    auto count = ::write(to_, message.data() + sent, message.size() - sent);
    REQUIRE(count > 0);
    sent += static_cast<size_t>(count);
  }
  for (;;) {
    json_view reply{next_message()};
    if (!reply.has("id")) {
      note(reply);
    } else if (reply["id"] == number) {
      INFO(method << ": " << reply.text().substr(0, 500));
      REQUIRE(reply.has("result"));
      return reply["result"];
    }
  }
}

void browser::note(const json_view& event) {
  if (!event.has("method"))
    return;
  if (event["method"] == "Runtime.exceptionThrown")
    complaints_.push_back(event["params"].text());
  else if (event["method"] == "Log.entryAdded"
           && event["params"]["entry"]["level"] == "error")
    complaints_.push_back(event["params"]["entry"]["text"].text());
}

void browser::open(const std::string& url) {
  call("Page.navigate", R"({"url":)" + json_of(url) + "}");
}

json_view browser::evaluate(const std::string& expression) {
  auto reply = call("Runtime.evaluate", R"({"returnByValue":true,"expression":)"
                                          + json_of(expression) + "}");
  INFO(expression << ": " << reply.text().substr(0, 500));
  REQUIRE_FALSE(reply.has("exceptionDetails"));
  return reply["result"]["value"];
}

void browser::wait_for(const std::string& expression) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  // The elements it refers to may not exist yet.
  auto holds = "(() => { try { return Boolean(" + expression
               + "); } catch { return false; } })()";
  while (!(evaluate(holds) == true)) {
    INFO(expression << " on " << text_of("body"));
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(50ms);
  }
}

std::string browser::text_of(const std::string& selector) {
  return evaluate("document.querySelector(" + json_of(selector)
                  + ")?.textContent ?? 'absent'")
    .text();
}

void browser::take_picture(const std::string& file, bool whole) {
  auto shot = call("Page.captureScreenshot",
                   std::string{R"({"format":"png","captureBeyondViewport":)"}
                     + (whole ? "true" : "false") + "}");
  std::ofstream{file, std::ios::binary} << decoded(shot["data"].text());
}

} // namespace sluice::test
