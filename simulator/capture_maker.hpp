// The bytes of one capture. They are invented but always the same for the same
// run, URL and index. They contain everything that breaks careless readers:
// escapes, text beyond the BMP, nesting, numbers that a double would change.

#pragma once

#include "simulator/wire.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sim {

class capture_maker {
public:
  /// Captures have about `bytes` bytes, but never less than their fixed parts
  /// (about 550 bytes).
  capture_maker(dialect form, uint32_t bytes);

  struct subject {
    std::string_view run_id;
    std::string_view robot;
    std::string_view url;
    uint64_t index = 0;
  };

  /// Appends the capture as one line of JSON.
  void append(std::string& out, const subject& what) const;

private:
  void append_legacy(std::string& out, const subject& what, uint64_t key) const;
  void append_flat(std::string& out, const subject& what, uint64_t key) const;

  dialect form_;
  std::string product_; ///< the members common to all captures
};

} // namespace sluice::sim
