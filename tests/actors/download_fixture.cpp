#include "tests/actors/download_fixture.hpp"

namespace sluice::test {

namespace {

struct file_reader_state {
  std::string url;
  size_t next = 0;
};

holding<download_reader_actor>::behavior_type fake_file_reader(
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

} // namespace

page_reply
part_with(const std::vector<std::string>& names, bool more, size_t bytes) {
  return page_with(names, more ? std::optional{page_cursor{}} : std::nullopt,
                   bytes);
}

download_fixture::download_fixture() {
  // The n-th URL of run r1 is "r1#n".
  api->on_link = [this](const link_order& order) {
    link_reply reply;
    reply.verdict = read_as(read_outcome::ok);
    reply.link.url = order.run.id + "#" + std::to_string(++asked[order.run.id]);
    return reply;
  };
}

void download_fixture::give_one_link() {
  api->on_link = [](const link_order&) {
    link_reply reply;
    reply.verdict = read_as(read_outcome::ok);
    reply.link.url = "f";
    return reply;
  };
}

bool download_fixture::is_aside(batch_key batch) const {
  for (size_t number = 0; number < store->checkpoints.size(); ++number)
    if (auto* found = part(number, batch); found && found->set_aside)
      return true;
  return false;
}

void download_fixture::have_no_files() {
  api->on_link = [this](const link_order& order) {
    ++asked[order.run.id];
    link_reply reply;
    reply.verdict = read_as(read_outcome::gone, "no file");
    return reply;
  };
}

void download_fixture::start_with_readers(size_t count) {
  for (size_t i = 0; i < count; ++i)
    config.readers.push_back(spawn(fake_file_reader, files));
  start();
}

void download_fixture::file(const std::string& url, const std::string& run,
                            size_t count) {
  for (size_t i = 0; i < count; ++i)
    files->parts[url].push_back(
      part_with({run + "-" + std::to_string(i)}, i + 1 < count));
}

std::vector<std::string> download_fixture::delivered() const {
  std::vector<std::string> names;
  for (auto& page : sink->pages)
    for (auto& span : page->captures)
      names.emplace_back(page->bytes(span));
  return names;
}

} // namespace sluice::test
