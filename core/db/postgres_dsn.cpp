#include "core/db/postgres_dsn.hpp"

#include "core/base/secrets.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace sluice::postgres {

namespace {

/// More hosts than any cluster has.
constexpr size_t most_hosts = 16;

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto comma = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

/// The entry for host `i`: a list of one is for all of them.
std::string entry_of(const std::vector<std::string>& list, size_t i) {
  return list.size() == 1 ? list.front() : i < list.size() ? list[i] : "";
}

} // namespace

caf::expected<dsn> dsn::read(const std::string& text) {
  // What libpq says of a defect may quote a part of the password.
  char* complaint = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
    PQconninfoParse(text.c_str(), &complaint), PQconninfoFree};
  PQfreemem(complaint);
  if (!options || text.find('\0') != text.npos)
    return make_error(ec::usage,
                      "The address of the database cannot be read. Write "
                      "postgresql://user:password@host:port/database, with "
                      "%XX for special characters in the password, or "
                      "host=… user=… password=… dbname=….");
  dsn out;
  for (auto* one = options.get(); one->keyword != nullptr; ++one) {
    if (one->val == nullptr)
      continue;
    std::string_view keyword{one->keyword};
    if ((keyword == "password" || keyword == "sslpassword") && *one->val)
      keep_secret(one->val);
    out.values_.emplace_back(keyword, one->val);
  }
  return out;
}

std::string_view dsn::value(std::string_view keyword) const {
  for (const auto& [name, value] : values_)
    if (name == keyword)
      return value;
  return {};
}

void dsn::set_default(std::string_view keyword, std::string value) {
  if (this->value(keyword).empty())
    set(keyword, std::move(value));
}

void dsn::set(std::string_view keyword, std::string value) {
  for (auto& [name, old] : values_)
    if (name == keyword) {
      old = std::move(value);
      return;
    }
  values_.emplace_back(keyword, std::move(value));
}

std::vector<dsn> dsn::hosts() const {
  auto names = split_list(value("host"));
  auto addresses = split_list(value("hostaddr"));
  auto ports = split_list(value("port"));
  auto count = std::max(names.size(), addresses.size());
  // Lists that do not fit together are libpq's to refuse.
  auto fits = [&](const auto& list) {
    return list.size() <= 1 || list.size() == count;
  };
  if (count < 2 || count > most_hosts || !fits(names) || !fits(addresses)
      || !fits(ports))
    return {*this};
  std::vector<dsn> out;
  for (size_t i = 0; i < count; ++i) {
    auto one = *this;
    one.set("host", entry_of(names, i));
    one.set("hostaddr", entry_of(addresses, i));
    one.set("port", entry_of(ports, i));
    out.push_back(std::move(one));
  }
  return out;
}

std::string dsn::name() const {
  auto host = value("host").empty() ? value("hostaddr") : value("host");
  auto base = value("dbname").empty() ? value("user") : value("dbname");
  std::string out = host.empty() ? std::string{"the default server"}
                                 : "'" + printable(host, 100) + "'";
  if (!base.empty())
    out += ", database '" + printable(base, 100) + "'";
  return out;
}

bool is_exposed(std::string_view host, std::string_view sslmode) {
  auto is_here = host.empty() || host.starts_with('/') || host.starts_with('@')
                 || host == "localhost" || host == "::1"
                 || host.starts_with("127.");
  return !is_here && sslmode != "verify-full";
}

} // namespace sluice::postgres
