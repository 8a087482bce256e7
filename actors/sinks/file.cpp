// The sink `file`: one capture per line, each exactly once, optionally
// compressed. Its position is the durable extent of the file.

#include "actors/sinks/output_file.hpp"
#include "actors/sinks/position.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/sink_list.hpp"

namespace sluice {

namespace {

/// Refuses a file with content instead of emptying it: it may be the lost one.
output_file::options in_place_of_lost(output_file::options options) {
  if (options.found == found_rule::replace)
    options.found = found_rule::refuse;
  return options;
}

/// Has no extent if the file was given up and no other has begun.
caf::expected<position_numbers>
read_file_position(const sink_position& text, const sink_context& context) {
  auto begun_again = read_position(text, context.name, {given_up_entry});
  return begun_again ? begun_again
                     : read_position(text, context.name, {"base", "length"});
}

class file_sink final : public sink {
public:
  file_sink(sink_context context, output_file::options options)
      : context_(std::move(context)), options_(std::move(options)) {}

  caf::error open(const std::optional<sink_position>& committed) override {
    std::optional<file_extent> kept;
    if (committed) {
      auto numbers = read_file_position(*committed, context_);
      if (!numbers)
        return numbers.error();
      given_up_ = number_in(*numbers, given_up_entry);
      kept = extent_in(*numbers);
    }
    file_.emplace(committed && !kept ? in_place_of_lost(options_) : options_);
    return file_->open(kept);
  }

  caf::error write(const capture_page& page) override {
    for (const auto& span : page.captures)
      if (auto err = file_->append_line(page.bytes(span)))
        return err;
    return {};
  }

  caf::expected<sink_position> checkpoint() override {
    auto extent = file_->checkpoint();
    if (!extent)
      return extent.error();
    position_numbers numbers;
    put_extent(numbers, *extent);
    if (given_up_ > 0)
      numbers[given_up_entry] = given_up_;
    return write_position(numbers);
  }

  caf::error close() override { return file_ ? file_->close() : caf::error{}; }

private:
  sink_context context_;
  output_file::options options_;
  std::optional<output_file> file_;
  uint64_t given_up_ = 0; ///< captures, with a lost file
};

output_file::options
options_of(const sink_context& context, const config::section& fields) {
  output_file::options options;
  options.sink = context.name;
  options.in_load = context.in_load;
  options.path = fields.text("path");
  options.as = fields.choice("compression", compression_words);
  options.found = fields.choice("exists", found_rule_words);
  return options;
}

std::unique_ptr<sink>
make_file_sink(const sink_context& context, const config::section& fields) {
  return std::make_unique<file_sink>(context, options_of(context, fields));
}

caf::error check_first_file(const config::section& fields) {
  return output_file{options_of({}, fields)}.check_first_start();
}

caf::error cut_file_back(const sink_context& context,
                         const config::section& fields,
                         const sink_position& committed) {
  auto options = options_of(context, fields);
  if (options.found == found_rule::replace)
    return {};
  auto numbers = read_file_position(committed, context);
  if (!numbers)
    return numbers.error();
  auto extent = extent_in(*numbers);
  return extent ? output_file{std::move(options)}.cut_longer(*extent)
                : caf::error{};
}

caf::error check_kept_file(const sink_context& context,
                           const config::section& fields,
                           const sink_position& committed) {
  auto numbers = read_file_position(committed, context);
  if (!numbers)
    return numbers.error();
  auto options = options_of(context, fields);
  auto extent = extent_in(*numbers);
  if (!extent)
    return output_file{in_place_of_lost(std::move(options))}
      .check_first_start();
  return extent->length > 0
           ? output_file{std::move(options)}.check_kept(*extent)
           : caf::error{};
}

caf::expected<sink_position>
give_up_file(const sink_context& context, const config::section& fields,
             const sink_position&, uint64_t in_all) {
  output_file next{in_place_of_lost(options_of(context, fields))};
  if (auto err = next.check_first_start())
    return err;
  return write_position({{given_up_entry, in_all}});
}

std::unique_ptr<sink>
rehearse_file_sink(const sink_context& context, const config::section& fields) {
  output_file::options options;
  options.path = fields.text("path") + config::rehearsal_suffix;
  options.as = fields.choice("compression", compression_words);
  options.found = found_rule::replace;
  return std::make_unique<file_sink>(context, std::move(options));
}

std::vector<config::field> fields() {
  using config::field_kind;
  return {
    {.name = "path",
     .kind = field_kind::path,
     .help = "The file, relative to the config file's folder, which must "
             "exist.",
     .required = true},
    {.name = "compression",
     .kind = field_kind::choice,
     .help = "How to compress the file. A frame ends at every checkpoint, so "
             "gzip, zstd and lz4 can read the file while the job runs.",
     .default_value =
       config::default_word(compression_words, output_file::options{}.as),
     .choices = words_in(compression_words)},
    {.name = "exists",
     .kind = field_kind::choice,
     .help = "What to do at a job's first start if the file already has "
             "content. A continued job always appends to its file.",
     .default_value =
       config::default_word(found_rule_words, output_file::options{}.found),
     .choices = words_in(found_rule_words),
     .when_continued = config::change::allowed},
  };
}

} // namespace

sink_type file_sink_type() {
  return {{"file",
           "Appends captures to a file, one per line, each exactly "
           "once.",
           fields()},
          make_file_sink,
          rehearse_file_sink,
          {},
          check_first_file,
          cut_file_back,
          check_kept_file,
          give_up_file,
          has_content_by,
          given_up_in};
}

} // namespace sluice
