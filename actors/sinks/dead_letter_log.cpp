#include "actors/sinks/dead_letter_log.hpp"

#include "core/base/log.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice {

namespace {

/// `text` as a JSON string; invalid UTF-8 is escaped.
std::string quoted(std::string_view text) {
  auto clean = printable(text);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

/// How to open the dead letter file of the sink named `sink`.
output_file
file_at(std::filesystem::path path, std::string sink, bool in_load = false) {
  return output_file{{std::move(path), compression::none, found_rule::append,
                      std::move(sink), in_load}};
}

} // namespace

std::string dead_letter_line(const dead_letter& letter, std::string_view sink) {
  std::string line = R"({"capture":)";
  append_capture(line, letter.capture);
  if (auto status = std::get_if<int>(&letter.code))
    line += R"(,"status":)" + std::to_string(*status);
  else
    line += R"(,"code":)" + quoted(std::get<std::string_view>(letter.code));
  if (!letter.column.empty())
    line += R"(,"column":)" + quoted(letter.column);
  line += R"(,"message":)" + quoted(letter.message);
  line += R"(,"sink":)" + quoted(sink) + "}";
  return line;
}

dead_letter_log::dead_letter_log(const sink_context& context,
                                 std::optional<std::filesystem::path> path)
    : sink_(context.name), in_load_(context.in_load), path_(std::move(path)) {}

caf::error dead_letter_log::open(const position_numbers& numbers) {
  written_ = number_in(numbers, dead_letters_entry);
  given_up_ = number_in(numbers, given_up_entry);
  if (!path_)
    return {};
  file_.emplace(file_at(*path_, sink_, in_load_));
  return file_->open(extent_in(numbers));
}

caf::error dead_letter_log::append(const dead_letter& letter) {
  if (auto err = file_->append_line(dead_letter_line(letter, sink_)))
    return err;
  ++written_;
  return {};
}

void dead_letter_log::report(time_point now, const std::string& reason) {
  if (notices_.happened(now))
    log_event(log_level::warn, "dead_letter",
              "captures were written to the sink's dead letter file",
              {{"sink", sink_},
               {"captures", written_},
               {"file", path_->native()},
               {"reason", reason}});
}

caf::error dead_letter_log::checkpoint(position_numbers& numbers) {
  numbers[dead_letters_entry] = written_;
  if (given_up_ > 0)
    numbers[given_up_entry] = given_up_;
  if (!file_)
    return {};
  auto extent = file_->checkpoint();
  if (!extent)
    return extent.error();
  put_extent(numbers, *extent);
  return {};
}

caf::error dead_letter_log::close() {
  return file_ ? file_->close() : caf::error{};
}

config::field dead_letter_field(std::string help) {
  return {.name = "dead_letter",
          .kind = config::field_kind::path,
          .help = std::move(help),
          .when_continued = config::change::first_time};
}

std::optional<std::filesystem::path>
dead_letter_path(const config::section& fields) {
  if (!fields.has("dead_letter"))
    return std::nullopt;
  return fields.text("dead_letter");
}

caf::error check_first_dead_letters(const config::section& fields) {
  auto path = dead_letter_path(fields);
  return path ? file_at(*path, {}).check_first_start() : caf::error{};
}

caf::error cut_back_dead_letters(const sink_context& context,
                                 const config::section& fields,
                                 const sink_position& committed) {
  auto path = dead_letter_path(fields);
  if (!path)
    return {};
  auto numbers = read_position(committed, context.name, {});
  if (!numbers)
    return numbers.error();
  auto extent = extent_in(*numbers);
  return extent ? file_at(*path, context.name).cut_longer(*extent)
                : caf::error{};
}

caf::error check_kept_dead_letters(const sink_context& context,
                                   const config::section& fields,
                                   const sink_position& committed) {
  auto path = dead_letter_path(fields);
  auto numbers = read_position(committed, context.name, {});
  if (!numbers)
    return numbers.error();
  auto extent = extent_in(*numbers);
  return path && extent && extent->length > 0
           ? file_at(*path, context.name).check_kept(*extent)
           : caf::error{};
}

caf::expected<sink_position>
give_up_dead_letters(const sink_context& context, const config::section& fields,
                     const sink_position& committed, uint64_t) {
  auto numbers = read_position(committed, context.name, {dead_letters_entry});
  if (!numbers)
    return numbers.error();
  if (auto err = check_first_dead_letters(fields))
    return err;
  remove_extent(*numbers);
  (*numbers)[given_up_entry] = numbers->at(dead_letters_entry);
  return write_position(*numbers);
}

} // namespace sluice
