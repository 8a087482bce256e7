#include "tests/fuzz/input.hpp"

#include "config/load.hpp"
#include "core/base/log.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace sluice::fuzz {

namespace {

[[maybe_unused]] const bool is_quiet = [] {
  configure_log(log_level::off, false);
  return true;
}();

class scratch_folder {
public:
  scratch_folder() {
    auto in_memory = std::filesystem::path{"/dev/shm"};
    auto base = std::filesystem::is_directory(in_memory)
                  ? in_memory
                  : std::filesystem::temp_directory_path();
    auto pattern = (base / "sluice-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    path_ = pattern;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace

std::shared_ptr<const api_profile> profile_number(size_t number) {
  static const auto profiles = [] {
    std::array<std::shared_ptr<const api_profile>, profile_count> all;
    auto examples =
      std::filesystem::path{SLUICE_SOURCE_DIR} / "config/examples";
    auto* one = all.begin();
    for (auto* name : {"extralt", "extralt-v0", "apify-profile.yaml",
                       "firecrawl-profile.yaml"})
      *one++ = config::load_profile(name, examples).value;
    for (auto& profile : all)
      must(profile != nullptr);
    return all;
  }();
  return profiles[number % profile_count];
}

const std::filesystem::path& folder() {
  static const scratch_folder made;
  return made.path();
}

std::filesystem::path write_file(const char* name, std::string_view content) {
  auto path = folder() / name;
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
  return path;
}

} // namespace sluice::fuzz
