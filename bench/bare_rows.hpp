// What a plain program would do to put the same rows into a database: a loop
// over libsqlite3 or libpq, with the same statements and transactions. The rows
// are made beforehand, so only the database's work is measured.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::bench {

/// A row of the columns url, title, price, image, run and capture.
using bare_row = std::vector<std::string>;

/// Inserts the pages, with a transaction for every `pages_per_commit`. Throws
/// if it cannot.
void insert_bare(const std::filesystem::path& file,
                 const std::vector<std::vector<bare_row>>& pages,
                 size_t pages_per_commit);

/// A page as the text that COPY reads.
[[nodiscard]] std::string
copy_text(const std::vector<bare_row>& page, size_t delivery);

/// Copies the pages, each in a transaction that also counts it. Throws if it
/// cannot.
void copy_bare(const std::string& dsn, const std::vector<std::string>& pages);

} // namespace sluice::bench
