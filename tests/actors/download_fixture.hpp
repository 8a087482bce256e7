// A capture_pager with test doubles, whose runs offer their captures as files.
// Links and parts come from tables.

#pragma once

#include "core/model/batch.hpp"
#include "core/model/capture_page.hpp"
#include "tests/actors/pager_fixture.hpp"

namespace sluice::test {

/// The files of a test, by the URLs that the API returns.
struct fake_files {
  /// Replies to `open`, by URL. The default is success.
  std::map<std::string, read_verdict> verdicts;
  /// Parts by URL, in order.
  std::map<std::string, std::vector<page_reply>> parts;
  bool silent = false; ///< requests wait for `answer`
  std::vector<std::string> opened;
  size_t parts_read = 0;
  held_replies held;

  void answer(size_t count = SIZE_MAX) { held.answer(count); }
};

using fake_files_ptr = std::shared_ptr<fake_files>;

struct file_reader_state {
  std::string url;
  size_t next = 0;
};

inline holding<download_reader_actor>::behavior_type fake_file_reader(
  holding<download_reader_actor>::stateful_pointer<file_reader_state> self,
  fake_files_ptr files) {
  auto answer = [=](auto promise, auto reply) {
    if (files->silent)
      files->held.add(self->address(),
                      [=]() mutable { promise.deliver(std::move(reply)); });
    else
      promise.deliver(std::move(reply));
    return promise;
  };
  return {
    [=](const signed_url& link) {
      files->opened.push_back(link.url);
      self->state = {link.url, 0};
      auto found = files->verdicts.find(link.url);
      return answer(self->make_response_promise<read_verdict>(),
                    found == files->verdicts.end() ? read_as(read_outcome::ok)
                                                   : found->second);
    },
    [=](atoms::next_atom) {
      ++files->parts_read;
      return answer(self->make_response_promise<page_reply>(),
                    files->parts.at(self->state.url).at(self->state.next++));
    },
    carry_out,
  };
}

/// A part of a download. `more` says whether others follow.
[[nodiscard]] inline page_reply part_with(const std::vector<std::string>& names,
                                          bool more, size_t bytes = 100) {
  return page_with(names, more ? std::optional{page_cursor{}} : std::nullopt,
                   bytes);
}

struct download_fixture : pager_fixture {
  fake_files_ptr files = std::make_shared<fake_files>();

  download_fixture() {
    // The n-th URL of run r1 is "r1#n".
    api->on_link = [this](const link_order& order) {
      link_reply reply;
      reply.verdict = read_as(read_outcome::ok);
      reply.link.url =
        order.run.id + "#" + std::to_string(++asked[order.run.id]);
      return reply;
    };
  }

  /// The file of every run is at "f".
  void give_one_link() {
    api->on_link = [](const link_order&) {
      link_reply reply;
      reply.verdict = read_as(read_outcome::ok);
      reply.link.url = "f";
      return reply;
    };
  }

  /// Whether `batch` is committed as set aside.
  [[nodiscard]] bool is_aside(batch_key batch) const {
    for (size_t number = 0; number < store->checkpoints.size(); ++number)
      if (auto* found = part(number, batch); found && found->set_aside)
        return true;
    return false;
  }

  /// The API offers no download for any run.
  void have_no_files() {
    api->on_link = [this](const link_order& order) {
      ++asked[order.run.id];
      link_reply reply;
      reply.verdict = read_as(read_outcome::gone, "no file");
      return reply;
    };
  }

  void start_with_readers(size_t count = 1) {
    for (size_t i = 0; i < count; ++i)
      config.readers.push_back(spawn(fake_file_reader, files));
    start();
  }

  /// The file at `url` has `count` parts of one capture each.
  void file(const std::string& url, const std::string& run, size_t count) {
    for (size_t i = 0; i < count; ++i)
      files->parts[url].push_back(
        part_with({run + "-" + std::to_string(i)}, i + 1 < count));
  }

  [[nodiscard]] size_t links() const { return api->links.size(); }

  [[nodiscard]] std::vector<std::string> delivered() const {
    std::vector<std::string> names;
    for (auto& page : sink->pages)
      for (auto& span : page->captures)
        names.emplace_back(page->bytes(span));
    return names;
  }

  std::map<std::string, int> asked;
};

using strings = std::vector<std::string>;

} // namespace sluice::test
