// Makes texts that are almost JSON from texts that are.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace sluice::test {

class json_mutations {
public:
  explicit json_mutations(uint32_t seed) : random_{seed} {}

  /// `text` with one to three changes.
  std::string of(std::string text) {
    for (auto left = 1 + below(3); left > 0; --left)
      change(text);
    return text;
  }

private:
  void change(std::string& text) {
    using namespace std::string_view_literals;
    static constexpr std::array fragments{"\""sv,
                                          "\\"sv,
                                          "\\\""sv,
                                          "\\\\"sv,
                                          ","sv,
                                          ":"sv,
                                          "{"sv,
                                          "}"sv,
                                          "["sv,
                                          "]"sv,
                                          "{}"sv,
                                          "[]"sv,
                                          "\"\""sv,
                                          "\"a\""sv,
                                          ",\"a\":"sv,
                                          "null"sv,
                                          "tru e"sv,
                                          "false"sv,
                                          "01"sv,
                                          "01.2.3"sv,
                                          "-"sv,
                                          "1e"sv,
                                          "1E+9"sv,
                                          "0"sv,
                                          "\\q"sv,
                                          "\\u12"sv,
                                          "\\u00e9"sv,
                                          "\\ud83d"sv,
                                          "\\udc00"sv,
                                          "x"sv,
                                          " "sv,
                                          "\n"sv,
                                          "\t"sv,
                                          "\x0c"sv,
                                          "\x1a"sv,
                                          "\0"sv,
                                          "\x7f"sv,
                                          "\xc3\xa9"sv,
                                          "\xff"sv,
                                          "\xc3"sv,
                                          "\xef\xbb\xbf"sv,
                                          R"("items":[1])"sv,
                                          R"("\u005fid":"e")"sv,
                                          R"("_id":"twice",)"sv,
                                          R"("nextCursor":"n",)"sv,
                                          R"([{"url":"u"}],)"sv};
    auto at = below(text.size() + 1);
    auto size = std::min(below(8), text.size() - at);
    switch (below(4)) {
      case 0: // what is there again
        text.insert(at, text.substr(at, 4 * size));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.replace(at, size / 4, fragments[below(fragments.size())]);
        break;
      default:
        text.insert(at, fragments[below(fragments.size())]);
    }
  }

  size_t below(size_t end) {
    return std::uniform_int_distribution<size_t>{0, end - 1}(random_);
  }

  std::mt19937 random_;
};

} // namespace sluice::test
