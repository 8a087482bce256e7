#include "config/proxy.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <map>
#include <string>
#include <vector>

using sluice::config::proxy_from_environment;

namespace {

/// Sets exactly these proxy variables for one scope.
class environment {
public:
  explicit environment(const std::map<std::string, std::string>& values) {
    for (auto name : names) {
      if (auto old = ::getenv(name))
        before_[name] = old;
      ::unsetenv(name);
    }
    for (auto& [name, value] : values)
      ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~environment() {
    for (auto name : names)
      ::unsetenv(name);
    for (auto& [name, value] : before_)
      ::setenv(name.c_str(), value.c_str(), 1);
  }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

private:
  static constexpr const char* names[]{"https_proxy", "HTTPS_PROXY",
                                       "http_proxy",  "HTTP_PROXY",
                                       "no_proxy",    "NO_PROXY"};
  std::map<std::string, std::string> before_;
};

} // namespace

TEST_CASE("the proxy depends on scheme, host and no_proxy", "[config]") {
  struct row {
    std::map<std::string, std::string> set;
    std::string base, proxy;
  };
  for (auto& [set, base, proxy] : std::vector<row>{
         {{}, "https://api.example", ""},
         {{{"https_proxy", "p"}}, "https://api.example", "p"},
         {{{"HTTPS_PROXY", "q"}}, "https://api.example", "q"},
         {{{"https_proxy", "p"}, {"HTTPS_PROXY", "q"}},
          "https://a.example",
          "p"},
         {{{"https_proxy", "p"}}, "http://api.example", ""},
         {{{"http_proxy", "r"}}, "http://api.example", "r"},
         {{{"HTTP_PROXY", "r"}}, "http://api.example", ""},
         {{{"http_proxy", "r"}}, "http://127.0.0.1:80", ""},
         {{{"http_proxy", "r"}}, "http://localhost:80", ""},
         {{{"http_proxy", "r"}}, "http://[::1]:80", ""},
         {{{"https_proxy", "p"}, {"no_proxy", "*"}}, "https://a.example", ""},
         {{{"https_proxy", "p"}, {"no_proxy", "x, a.example ,y"}},
          "https://a.example",
          ""},
         {{{"https_proxy", "p"}, {"no_proxy", ".example"}},
          "https://a.example",
          ""},
         {{{"https_proxy", "p"}, {"NO_PROXY", "example"}},
          "https://a.EXAMPLE",
          ""},
         {{{"https_proxy", "p"}, {"no_proxy", "a.example"}},
          "https://ba.example",
          "p"},
         {{{"https_proxy", "p"}, {"no_proxy", ",, ,"}},
          "https://a.example",
          "p"}}) {
    environment scope{set};
    INFO(base);
    CHECK(proxy_from_environment(base) == proxy);
  }
}
