// The sink `null`: counts captures and keeps nothing. It measures everything
// before the sinks. In a rehearsal it also replaces the sinks that would
// contact another machine.

#include "actors/sinks/null.hpp"

#include "actors/sinks/position.hpp"
#include "actors/sinks/sink_list.hpp"

namespace sluice {

namespace {

class null_sink final : public sink {
public:
  explicit null_sink(sink_context context) : context_(std::move(context)) {}

  caf::error open(const std::optional<sink_position>& committed) override {
    if (!committed)
      return {};
    auto numbers = read_position(*committed, context_.name, {"captures"});
    if (!numbers)
      return numbers.error();
    captures_ = numbers->at("captures");
    return {};
  }

  caf::error write(const capture_page& page) override {
    captures_ += page.captures.size();
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    return write_position({{"captures", captures_}});
  }

  caf::error close() override { return {}; }

private:
  sink_context context_;
  uint64_t captures_ = 0;
};

} // namespace

std::unique_ptr<sink>
make_null_sink(const sink_context& context, const config::section&) {
  return std::make_unique<null_sink>(context);
}

sink_type null_sink_type() {
  return {{"null", "Counts captures and keeps nothing.", {}},
          make_null_sink,
          make_null_sink};
}

} // namespace sluice
