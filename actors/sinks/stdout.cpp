// The sink `stdout`: one capture per line, page by page. What was written to a
// pipe cannot be taken back, so lines are repeated when a job is continued
// after a crash (at least once), and an end in the middle of a page can
// leave half a line. A file has each capture exactly once.

#include "actors/sinks/position.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/sink_list.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace sluice {

namespace {

constexpr size_t write_size = 256 * 1024;

/// Set while a sink writes: two writers would mix their lines.
std::atomic<bool> taken{false};

class stdout_sink final : public sink {
public:
  explicit stdout_sink(sink_context context) : context_(std::move(context)) {}
  ~stdout_sink() override { release(); }

  caf::error open(const std::optional<sink_position>& committed) override {
    if (committed) {
      auto numbers = read_position(*committed, context_.name, {"captures"});
      if (!numbers)
        return numbers.error();
      captures_ = numbers->at("captures");
    }
    if (taken.exchange(true))
      return make_error(ec::usage,
                        "Sink '" + printable(context_.name)
                          + "' is a second sink of type stdout, and their "
                            "lines would mix. Remove one.");
    owner_ = true;
    return {};
  }

  caf::error write(const capture_page& page) override {
    for (const auto& span : page.captures) {
      append_capture(pending_, page.bytes(span));
      pending_ += '\n';
      if (pending_.size() >= write_size)
        if (auto err = flush())
          return err;
    }
    if (auto err = flush())
      return err;
    captures_ += page.captures.size();
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    // Standard output may be a file, for which syncing matters.
    if (::fdatasync(STDOUT_FILENO) != 0 && (errno == EIO || errno == ENOSPC))
      return failure(errno);
    return write_position({{"captures", captures_}});
  }

  caf::error close() override {
    release();
    return {};
  }

private:
  void release() {
    if (owner_)
      taken = false;
    owner_ = false;
  }

  caf::error flush() {
    std::string_view rest = pending_;
    while (!rest.empty()) {
      auto wrote = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (wrote >= 0)
        rest.remove_prefix(static_cast<size_t>(wrote));
      else if (errno == EAGAIN)
        wait_for_room();
      else if (errno != EINTR)
        return failure(errno);
    }
    pending_.clear();
    return {};
  }

  /// The parent process may have made our output non-blocking.
  static void wait_for_room() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    ::poll(&output, 1, -1);
  }

  static caf::error failure(int error) {
    if (error == EPIPE)
      return make_error(ec::stopped, "the reader of standard output closed it, "
                                     "and may get the last captures again");
    return make_error(ec::disk,
                      std::string{"Cannot write to standard output: "}
                        + std::strerror(error)
                        + ". Fix that, then run the same command again.");
  }

  sink_context context_;
  std::string pending_; ///< lines of the current page
  uint64_t captures_ = 0;
  bool owner_ = false;
};

std::unique_ptr<sink>
make_stdout_sink(const sink_context& context, const config::section&) {
  return std::make_unique<stdout_sink>(context);
}

} // namespace

sink_type stdout_sink_type() {
  return {{"stdout",
           "Prints captures, one per line. After a crash, the last ones "
           "are repeated; use a file to get each exactly once.",
           {},
           {},
           true},
          make_stdout_sink,
          make_stdout_sink};
}

} // namespace sluice
