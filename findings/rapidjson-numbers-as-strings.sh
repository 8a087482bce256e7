#!/bin/sh
# RapidJSON, numbers as strings.
#
# What one would guess: with kParseNumbersAsStringsFlag the reader hands each
# number over as its text, so the size of a number does not matter. RFC 8259,
# section 6, sets no limit.
#
# What happens (rapidjson-dev 1.1.0+dfsg2-7.1, Debian 12): the reader still
# converts the number on the way. "1e308" and 308 digits pass; "1e309" and an
# integer of 310 digits are refused with kParseErrorNumberTooBig (13), although
# nobody asked for a double. A number that is too small, "1e-400", passes.
#
# This script installs nothing into the system: it unpacks the package into a
# temporary folder. It needs apt-get, dpkg-deb and g++.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download rapidjson-dev=1.1.0+dfsg2-7.1 >/dev/null 2>&1
dpkg-deb -x rapidjson-dev_*.deb root

cat >try.cpp <<'CPP'
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstdio>
#include <string>

struct handler
    : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, handler> {
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return true; }
};

static void show(const char* name, const std::string& text) {
  rapidjson::MemoryStream in{text.data(), text.size()};
  rapidjson::Reader reader;
  handler events;
  auto result =
    reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(in, events);
  std::printf("%s: %d\n", name, static_cast<int>(result.Code()));
}

int main() {
  show("1e308", "1e308");
  show("308 digits", std::string(308, '1'));
  show("1e309", "1e309");
  show("310 digits", std::string(310, '1'));
  show("1e-400", "1e-400");
}
CPP
g++ -std=c++17 -O1 -Iroot/usr/include try.cpp -o try
./try | tee seen

cat >expected <<'OUT'
1e308: 0
308 digits: 0
1e309: 13
310 digits: 13
1e-400: 0
OUT
cmp seen expected
echo "as described"
