# The libraries, all from the distribution's packages (scripts/deps).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CAF REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)

# The header and the compiled library of cpp-httplib must agree on its macros:
# take them from pkg-config, never set them by hand.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(spdlog REQUIRED IMPORTED_TARGET spdlog)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
# The metrics' text format alone; the HTTP server is cpp-httplib's.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(rapidjson REQUIRED IMPORTED_TARGET RapidJSON)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
