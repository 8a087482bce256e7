#include "simulator/counters.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::sim {

namespace {

constexpr std::array<const char*, request_kinds> kind_names{
  "submit", "status", "page", "download", "other"};

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_kinds(json_writer& out, const char* name,
                 const std::array<uint64_t, request_kinds>& counts) {
  out.Key(name);
  out.StartObject();
  for (size_t i = 0; i < counts.size(); ++i) {
    out.Key(kind_names[i]);
    out.Uint64(counts[i]);
  }
  out.EndObject();
}

void write_faults(json_writer& out, const counters& counts) {
  out.Key("faults");
  out.StartObject();
  for (size_t i = 1; i < fault_names.size(); ++i) {
    out.Key(fault_names[i].data());
    out.Uint64(counts.faults[i]);
  }
  out.Key("late_captures");
  out.Uint64(counts.late_captures);
  out.Key("overlap");
  out.Uint64(counts.overlaps);
  out.EndObject();
}

} // namespace

std::string write_stats(const counters& counts, const run_world::counts& runs,
                        int64_t started_at_ms) {
  rapidjson::StringBuffer buffer;
  json_writer out{buffer};
  auto number = [&](const char* name, uint64_t value) {
    out.Key(name);
    out.Uint64(value);
  };
  out.StartObject();
  number("started_at", static_cast<uint64_t>(started_at_ms));
  write_kinds(out, "requests", counts.requests);
  write_kinds(out, "rate_limited", counts.rate_limited);
  number("runs_created", counts.runs_created);
  number("runs_created_twice", counts.runs_created_twice);
  number("urls_submitted", counts.urls_submitted);
  number("urls_submitted_twice", counts.urls_submitted_twice);
  number("submits_repeated", counts.submits_repeated);
  number("pending", runs.pending);
  number("active", runs.active);
  number("terminal", runs.terminal);
  number("captures_served", counts.captures_served);
  write_faults(out, counts);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

submission_memory::finding submission_memory::add(std::string_view urls) {
  finding result;
  uint64_t set = 0;
  while (!urls.empty()) {
    auto end = urls.find('\n');
    auto url = hash_of(urls.substr(0, end));
    result.urls_seen_before += seen_.insert(url) ? 0 : 1;
    set += mix(url, 1); // the sum is independent of the order
    urls.remove_prefix(end + 1);
  }
  result.set_seen_before = !seen_.insert(mix(set, 2));
  return result;
}

} // namespace sluice::sim
