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

/// A part of a download. `more` says whether others follow.
[[nodiscard]] page_reply
part_with(const std::vector<std::string>& names, bool more, size_t bytes = 100);

struct download_fixture : pager_fixture {
  fake_files_ptr files = std::make_shared<fake_files>();

  download_fixture();

  /// The file of every run is at "f".
  void give_one_link();

  /// Whether `batch` is committed as set aside.
  [[nodiscard]] bool is_aside(batch_key batch) const;

  /// The API offers no download for any run.
  void have_no_files();

  void start_with_readers(size_t count = 1);

  /// The file at `url` has `count` parts of one capture each.
  void file(const std::string& url, const std::string& run, size_t count);

  [[nodiscard]] size_t links() const { return api->links.size(); }

  [[nodiscard]] std::vector<std::string> delivered() const;

  std::map<std::string, int> asked;
};

using strings = std::vector<std::string>;

} // namespace sluice::test
