#!/bin/sh
# yaml-cpp, the event interface and flow collections.
#
# What one would guess: YAML::Parser with an EventHandler passes events on as
# it reads, so a long list costs the handler's memory alone, whether it is
# written as a block ("- a", a line each) or as a flow collection ("[a, a]",
# as in every JSON file).
#
# What happens (libyaml-cpp0.7 0.7.0+dfsg-8+b1, Debian 12): a block passes with
# a few MiB. Of a flow collection all tokens are kept until its outermost
# bracket is closed, for it might turn out to be a key: the first event comes
# at its end, and 1 MiB of valid text takes more than 60 MiB, some 240 bytes a
# token. A limit on depth or size in the handler comes too late.
#
# This script installs nothing into the system: it unpacks the packages into a
# temporary folder. It needs apt-get, dpkg-deb and g++.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download libyaml-cpp-dev=0.7.0+dfsg-8+b1 \
  libyaml-cpp0.7=0.7.0+dfsg-8+b1 >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=root/usr/lib/$(gcc -print-multiarch)

cat >try.cpp <<'CPP'
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sys/resource.h>

#include <cstdio>
#include <sstream>
#include <string>

struct counter : YAML::EventHandler {
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override { ++scalars; }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  unsigned scalars = 0;
};

int main(int, char** argv) {
  auto is_flow = std::string{argv[1]} == "flow";
  std::string text = is_flow ? "[a" : "";
  for (int i = 0; i < 250'000; ++i)
    text += is_flow ? ", a" : "- a\n";
  text += is_flow ? "]" : "";
  std::istringstream in{text};
  counter events;
  YAML::Parser{in}.HandleNextDocument(events);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto mib = used.ru_maxrss / 1024;
  std::printf("%s: %u scalars, %s\n", argv[1], events.scalars,
              mib < 20 ? "less than 20 MiB"
              : mib > 60 ? "more than 60 MiB" : "between 20 and 60 MiB");
}
CPP
g++ -std=c++17 -O1 -Iroot/usr/include try.cpp -o try -L"$libraries" -lyaml-cpp
for form in block flow; do
  LD_LIBRARY_PATH=$libraries ./try "$form"
done | tee seen

cat >expected <<'OUT'
block: 250000 scalars, less than 20 MiB
flow: 250001 scalars, more than 60 MiB
OUT
cmp seen expected
echo "as described"
