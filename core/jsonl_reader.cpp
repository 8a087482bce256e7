#include "core/jsonl_reader.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace sluice {

namespace {

constexpr uint32_t deepest = 64;

constexpr std::string_view no_object = "not a JSON object";
constexpr std::string_view too_deep = "nested deeper than 64 levels";
constexpr std::string_view no_string = "the URL's member is not a string";
constexpr std::string_view given_twice = "the URL's member is given twice";
constexpr std::string_view no_member = "the URL's member is missing";

/// Finds one string member of the outermost object. Returning false ends the
/// parsing; `defect` then says why.
class member_finder
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, member_finder> {
public:
  explicit member_finder(std::string_view member) : member_{member} {}

  bool Default() {
    if (depth_ == 0)
      return stop(no_object);
    return is_wanted() ? stop(no_string) : true;
  }

  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Default(); }

  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (!is_wanted())
      return Default();
    value.assign(text, size);
    in_member_ = false;
    return true;
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ != 1)
      return true;
    in_member_ = std::string_view{text, size} == member_;
    if (in_member_ && std::exchange(is_found_, true))
      return stop(given_twice);
    return true;
  }

  bool StartObject() { return depth_ == 0 ? enter() : Default() && enter(); }

  bool EndObject(rapidjson::SizeType) { return leave(); }

  bool StartArray() { return Default() && enter(); }

  bool EndArray(rapidjson::SizeType) { return leave(); }

  [[nodiscard]] bool is_found() const noexcept { return is_found_; }

  std::string value;
  std::string_view defect;

private:
  [[nodiscard]] bool is_wanted() const noexcept {
    return depth_ == 1 && in_member_;
  }

  bool stop(std::string_view why) {
    defect = why;
    return false;
  }

  bool enter() { return ++depth_ <= deepest ? true : stop(too_deep); }

  bool leave() {
    --depth_;
    return true;
  }

  std::string_view member_;
  uint32_t depth_ = 0;
  bool in_member_ = false;
  bool is_found_ = false;
};

class jsonl_reader : public list_reader {
public:
  jsonl_reader(text_reader text, std::string member)
      : text_{std::move(text)}, member_{std::move(member)} {}

  caf::expected<bool> next(list_record& record) override {
    text_line line;
    do {
      auto more = text_.next_line(line);
      if (!more || !*more)
        return more;
    } while (line.text.starts_with('#'));
    record.line = line.number;
    record.text = line.text;
    record.defect = line.too_long ? "longer than 1 MiB" : parse(line.text);
    if (record.defect.empty())
      record.text = without_blanks(value_);
    return true;
  }

private:
  /// Puts the member into `value_`, or says why there is none.
  std::string_view parse(std::string_view json) {
    // Iterative: depth takes no stack. Numbers as text: none is too large.
    constexpr auto flags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
    member_finder finder{member_};
    rapidjson::MemoryStream stream{json.data(), json.size()};
    auto result = parser_.Parse<flags>(stream, finder);
    if (!finder.defect.empty())
      return finder.defect;
    if (result.IsError()) {
      defect_ = std::string{"not valid JSON: "}
                + rapidjson::GetParseError_En(result.Code());
      return defect_;
    }
    // The parser takes a NUL for the end of the text.
    if (stream.Tell() != json.size())
      return "not valid JSON: text behind a NUL byte";
    if (!finder.is_found())
      return no_member;
    value_ = std::move(finder.value);
    return {};
  }

  text_reader text_;
  std::string member_;
  rapidjson::Reader parser_;
  std::string value_;
  std::string defect_;
};

} // namespace

std::unique_ptr<list_reader>
make_jsonl_reader(text_reader text, std::string member) {
  return std::make_unique<jsonl_reader>(std::move(text), std::move(member));
}

} // namespace sluice
