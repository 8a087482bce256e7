// Captures for measurements of one part of the program: one of 2 KB, mostly
// text, and one of 300 bytes with many small members.

#pragma once

#include <cstddef>
#include <string>

namespace sluice::bench {

inline std::string make_capture(size_t number) {
  auto id = std::to_string(number);
  auto text = R"({"_id":"cap_)" + id + R"(","url":"https://shop.example/p/)"
              + id + R"(","data":{"title":"Running shoe )" + id
              + R"(","price":89.90,"available":true,"sizes":[40,41,42.5],)"
              + R"("images":[)";
  for (int i = 0; i < 8; ++i)
    text += (i > 0 ? "," : "") + std::string{R"("https://img.example/)"} + id
            + "/" + std::to_string(i) + R"(.jpg")";
  text += R"(],"description":")";
  while (text.size() < 1900)
    text += "Light, quiet and made for long roads; \\\"as new\\\". ";
  return text + R"("},"robotId":"rbt_1","runId":"run_1"})";
}

inline std::string make_small_capture(size_t number) {
  auto id = std::to_string(number);
  return R"({"_id":"cap_)" + id + R"(","url":"https://shop.example/p/)" + id
         + R"(","data":{"sku":"A)" + id + R"(","price":89.9,"was":99,)"
         + R"("stock":12,"rank":)" + id + R"(,"new":false,"size":41.5,)"
         + R"("rate":4.7,"votes":318,"tags":["run","road"],"eu":true,)"
         + R"("w":310,"h":11,"l":29.5,"color":"red","brand":"Fleet",)"
         + R"("ean":null,"lead":2},"robotId":"r1","runId":"r2"})";
}

} // namespace sluice::bench
