#include "pipeline/load/load_state.hpp"

#include "core/base/ascii.hpp"
#include "core/base/digest.hpp"
#include "core/base/percent_encoding.hpp"

#include <utility>

namespace sluice {

namespace {

constexpr std::string_view title = "sluice load ";
constexpr uint64_t version = 1;

std::string number_text(uint64_t number) {
  return " " + std::to_string(number);
}

/// Marked, so that an empty text is a word too.
std::string word_text(std::string_view text) {
  return " =" + percent_encode(text);
}

std::string file_text(const loaded_file& file) {
  auto text = "file" + number_text(file.offset) + number_text(file.captures)
              + word_text(file.hash);
  if (!file.end)
    text += " - -";
  else
    text +=
      number_text(file.end->size)
      + (file.end->modified_ns ? " " + std::to_string(*file.end->modified_ns)
                               : " -");
  return text + word_text(file.path) + "\n";
}

std::string body_text(const load_state& state) {
  auto text = "id" + word_text(state.id) + "\nbinding"
              + number_text(state.binding.size()) + "\n";
  for (auto& [name, value] : state.binding)
    text += "entry" + word_text(name) + word_text(value) + "\n";
  text += "position" + (state.position ? word_text(*state.position) : " -")
          + "\ndelivery" + number_text(state.delivery) + "\ndead_letters"
          + number_text(state.dead_letters) + "\n";
  for (auto& file : state.files)
    text += file_text(file);
  return text;
}

/// Takes words off the front of a text; after a mismatch, `good` is false.
class word_reader {
public:
  explicit word_reader(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool ended() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  /// The bytes up to the next blank or line feed, which is consumed.
  std::string_view word() {
    auto end = rest_.find_first_of(" \n");
    good_ = good_ && end != rest_.npos;
    if (!good_)
      return {};
    auto found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return found;
  }

  void expect(std::string_view wanted) { good_ = word() == wanted && good_; }

  template <class T>
  T number() {
    auto found = read_number<T>(word());
    good_ = good_ && found;
    return found.value_or(T{});
  }

  std::string text() { return decoded(word()); }

  /// nullopt for "-".
  std::optional<std::string> maybe_text() {
    auto found = word();
    return found == "-" ? std::nullopt : std::optional{decoded(found)};
  }

  template <class T>
  std::optional<T> maybe_number() {
    auto found = word();
    if (found == "-")
      return std::nullopt;
    auto number = read_number<T>(found);
    good_ = good_ && number;
    return number;
  }

private:
  std::string decoded(std::string_view word) {
    good_ = good_ && word.starts_with('=');
    return good_ ? percent_decode(word.substr(1)) : std::string{};
  }

  std::string_view rest_;
  bool good_ = true;
};

loaded_file read_file(word_reader& in) {
  loaded_file file;
  in.expect("file");
  file.offset = in.number<uint64_t>();
  file.captures = in.number<uint64_t>();
  file.hash = in.text();
  auto size = in.maybe_number<uint64_t>();
  auto modified = in.maybe_number<int64_t>();
  if (size)
    file.end = file_stamp{*size, modified};
  file.path = in.text();
  return file;
}

job_binding read_binding(word_reader& in) {
  job_binding binding;
  in.expect("binding");
  for (auto left = in.number<uint64_t>(); in.good() && left > 0; --left) {
    in.expect("entry");
    auto name = in.text();
    binding.emplace_back(std::move(name), in.text());
  }
  return binding;
}

std::optional<load_state> read_body(std::string_view text) {
  word_reader in{text};
  load_state state;
  in.expect("id");
  state.id = in.text();
  state.binding = read_binding(in);
  in.expect("position");
  state.position = in.maybe_text();
  in.expect("delivery");
  state.delivery = in.number<uint64_t>();
  in.expect("dead_letters");
  state.dead_letters = in.number<uint64_t>();
  while (in.good() && !in.ended())
    state.files.push_back(read_file(in));
  return in.good() ? std::optional{std::move(state)} : std::nullopt;
}

caf::error unusable(const std::filesystem::path& file, const std::string& why) {
  return make_error(ec::ledger_unusable,
                    "'" + printable(file.native())
                      + "', which says how far the load is, " + why);
}

} // namespace

std::string load_state_text(const load_state& state) {
  auto body = body_text(state);
  return std::string{title} + std::to_string(version) + "\n"
         + sha256_hex({body}) + "\n" + body;
}

caf::expected<load_state>
read_load_state(std::string_view text, const std::filesystem::path& file) {
  constexpr auto restore = "Put a copy of it back; or begin another load, "
                           "which delivers every capture again: remove it.";
  if (!text.starts_with(title))
    return unusable(file, "has other content: it is damaged, or another "
                          "program wrote it. "
                            + std::string{restore});
  word_reader head{text.substr(title.size())};
  auto written = head.number<uint64_t>();
  if (head.good() && written > version)
    return unusable(file, "was written by a newer sluice (format "
                            + std::to_string(written) + "). Use that version.");
  auto sum = head.word();
  auto body = head.rest();
  if (head.good() && written == version && sha256_hex({body}) == sum)
    if (auto state = read_body(body))
      return std::move(*state);
  return unusable(file, "is damaged. " + std::string{restore});
}

} // namespace sluice
