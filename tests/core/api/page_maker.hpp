// Builds pages from single captures, for tests that need no splitter.

#pragma once

#include "core/api/api_calls.hpp"
#include "core/model/capture_page.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::test {

class page_maker {
public:
  /// Adds a capture with this URL, or with none if it is "". All other spans
  /// are as given.
  page_maker& add(listed_capture capture, std::string_view url = {}) {
    if (!url.empty()) {
      capture.url.begin = body_.size();
      body_.append(1, '"').append(url).append(1, '"');
      capture.url.end = body_.size();
    }
    page_.captures.add(capture);
    return *this;
  }

  [[nodiscard]] page_reply page() const {
    auto result = page_;
    result.body = std::make_shared<const std::string>(body_);
    return result;
  }

private:
  page_reply page_;
  std::string body_;
};

} // namespace sluice::test
