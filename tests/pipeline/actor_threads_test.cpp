#include "pipeline/actor_threads.hpp"

#include <caf/all.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using get = caf::atom_constant<caf::atom("get")>;
using block = caf::atom_constant<caf::atom("block")>;

/// Far longer than anything here takes.
constexpr auto patience = 60s;

struct threads_config : caf::actor_system_config {
  threads_config() { use_actor_threads(*this); }
};

/// A system, and a gate that a blocking actor can wait at. The gate opens
/// before the system ends.
struct threads_fixture {
  threads_config config;
  caf::actor_system system{config};
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  bool is_open = false;

  ~threads_fixture() { open(); }

  void open() {
    if (!std::exchange(is_open, true))
      gate.set_value();
  }

  /// Answers `get`, and waits at the gate for `block`.
  caf::actor spawn_gatekeeper() {
    return spawn_blocking(system, [wait = opened](caf::event_based_actor*) {
      return caf::behavior{[](get) { return 1; }, [=](block) { wait.wait(); }};
    });
  }
};

/// What all shared actors of a test know.
struct crowd {
  std::atomic<int> inside{0}; ///< actors that run now
  std::atomic<int> most{0};   ///< the most at a time
  std::atomic<int> answers{0};
  std::atomic<int> left; ///< actors that are not done
  std::promise<void> all_done;

  explicit crowd(int actors) : left{actors} {}

  void enter() {
    auto now = ++inside;
    if (now > most)
      most = now;
  }
};

/// Sends `times` requests in all, to each of `targets` in turn, some after a
/// pause.
struct asker {
  std::vector<caf::actor> targets;
  crowd& all;
  int times;

  caf::behavior operator()(caf::event_based_actor* self) const {
    self->send(self, times);
    return {[=, *this](int left) { ask(self, left); }};
  }

  void ask(caf::event_based_actor* self, int left) const {
    all.enter();
    if (left == 0) {
      if (--all.left == 0)
        all.all_done.set_value();
    } else {
      auto target = targets[static_cast<size_t>(left) % targets.size()];
      self->request(target, caf::infinite, get::value).then([=, this](int got) {
        on_answer(self, got, left);
      });
    }
    --all.inside;
  }

  void on_answer(caf::event_based_actor* self, int got, int left) const {
    all.enter();
    all.answers += got;
    if (left % 16 == 0)
      self->delayed_send(self, 1us, left - 1);
    else
      self->send(self, left - 1);
    --all.inside;
  }
};

} // namespace

TEST_CASE_METHOD(threads_fixture, "an actor that blocks holds up no other") {
  auto stuck = spawn_gatekeeper();
  auto free = spawn_gatekeeper();
  auto shared = system.spawn([](caf::event_based_actor*) {
    return caf::behavior{[](get) { return 2; }};
  });
  caf::scoped_actor self{system};
  self->send(stuck, block::value);
  auto sum = 0;
  for (auto& actor : {free, shared})
    self->request(actor, patience, get::value)
      .receive([&](int got) { sum += got; }, [](const caf::error&) {});
  CHECK(sum == 3);
  open();
}

TEST_CASE_METHOD(threads_fixture,
                 "an answer arrives while its sender blocks on the next "
                 "message") {
  std::promise<int> got;
  auto answer = got.get_future();
  system.spawn([&, keeper = spawn_gatekeeper()](caf::event_based_actor* self) {
    self->request(keeper, caf::infinite, get::value).then([&](int value) {
      got.set_value(value);
    });
    self->send(keeper, block::value);
  });
  CHECK(answer.wait_for(patience) == std::future_status::ready);
  open();
}

TEST_CASE_METHOD(threads_fixture,
                 "shared actors run one at a time and no message is lost") {
  constexpr auto actors = 12;
  constexpr auto times = 2'000;
  crowd all{actors};
  auto done = all.all_done.get_future();
  std::vector<caf::actor> targets;
  for (auto i = 0; i < 5; ++i)
    targets.push_back(spawn_gatekeeper());
  for (auto i = 0; i < actors; ++i)
    system.spawn(asker{targets, all, times});
  CHECK(done.wait_for(patience) == std::future_status::ready);
  CHECK(all.answers == actors * times);
  CHECK(all.most == 1);
}
