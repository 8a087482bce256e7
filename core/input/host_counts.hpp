// Counts URLs per host in bounded memory: the first 10,000 hosts are counted
// individually, and the URLs of all others as one sum. For the import (hosts
// without a robot) and the plan.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice {

struct host_count {
  std::string host;
  /// The note passed with the host's first URL: its place, or its robot.
  std::string note;
  uint64_t urls = 0;
};

class host_counts {
public:
  /// Maximum number of hosts counted individually.
  static constexpr size_t most_hosts = 10'000;

  /// Counts a URL of `host`.
  void add(std::string host, std::string_view note);

  [[nodiscard]] bool empty() const noexcept { return hosts_.empty(); }

  /// All URLs, including those of unnamed hosts.
  [[nodiscard]] uint64_t urls() const noexcept { return urls_; }

  /// The number of hosts counted individually.
  [[nodiscard]] size_t size() const noexcept { return hosts_.size(); }

  /// URLs of hosts beyond `most_hosts`.
  [[nodiscard]] uint64_t unnamed() const noexcept { return unnamed_; }

  /// The hosts with the most URLs, largest first; ties in alphabetical order.
  [[nodiscard]] std::vector<host_count> largest(size_t most) const;

private:
  struct entry {
    std::string note;
    uint64_t urls = 0;
  };

  std::unordered_map<std::string, entry> hosts_;
  uint64_t urls_ = 0;
  uint64_t unnamed_ = 0;
};

} // namespace sluice
