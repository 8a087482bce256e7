#include "core/input/csv_record.hpp"

#include <algorithm>

namespace sluice {

namespace {

using status = csv_record::status;

/// Scans one record, field by field.
class csv_scanner {
public:
  csv_scanner(std::string_view text, bool is_all, char separator,
              csv_record& record)
      : text_{text}, is_all_{is_all}, separator_{separator}, record_{record} {}

  status run() {
    for (;;) {
      auto is_quoted = at_ < text_.size() && text_[at_] == '"';
      auto found = is_quoted ? quoted() : plain();
      if (found != status::complete)
        return found;
      if (at_ == text_.size())
        return is_all_ ? status::complete : status::unfinished;
      if (text_[at_++] == '\n') {
        ++record_.breaks;
        return status::complete;
      }
    }
  }

  [[nodiscard]] size_t position() const noexcept { return at_; }

private:
  /// Scans an unquoted field; stops at the separator, line break or end.
  status plain() {
    auto end = at_;
    while (end < text_.size() && text_[end] != separator_ && text_[end] != '\n'
           && text_[end] != '"')
      ++end;
    if (end < text_.size() && text_[end] == '"')
      return status::broken;
    auto field = text_.substr(at_, end - at_);
    auto ends_record = end == text_.size() || text_[end] == '\n';
    if (ends_record && field.ends_with('\r'))
      field.remove_suffix(1);
    record_.fields.push_back({field, false, false});
    at_ = end;
    return status::complete;
  }

  /// Scans a quoted field; stops after the closing quote, at the separator.
  status quoted() {
    auto begin = ++at_;
    auto has_quotes = false;
    for (;; has_quotes = true) {
      auto quote = text_.find('"', at_);
      if (quote == std::string_view::npos)
        return status::unfinished;
      at_ = quote + 1;
      if (at_ == text_.size() && !is_all_)
        return status::unfinished;
      if (at_ == text_.size() || text_[at_] != '"')
        break;
      ++at_;
    }
    auto field = text_.substr(begin, at_ - 1 - begin);
    record_.fields.push_back({field, has_quotes, true});
    record_.breaks +=
      static_cast<size_t>(std::count(field.begin(), field.end(), '\n'));
    return after_quote();
  }

  /// Only a separator or the record's end may follow a closing quote.
  status after_quote() {
    if (text_.substr(at_, 1) == "\r") {
      ++at_;
      if (at_ == text_.size())
        return is_all_ ? status::complete : status::unfinished;
      return text_[at_] == '\n' ? status::complete : status::broken;
    }
    auto separates =
      at_ == text_.size() || text_[at_] == separator_ || text_[at_] == '\n';
    return separates ? status::complete : status::broken;
  }

  std::string_view text_;
  bool is_all_;
  char separator_;
  csv_record& record_;
  size_t at_ = 0;
};

} // namespace

std::string csv_field::value() const {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (has_quotes && text[i] == '"')
      ++i;
  }
  return out;
}

void scan_csv_record(std::string_view text, bool is_all, char separator,
                     csv_record& record) {
  record.fields.clear();
  record.breaks = 0;
  csv_scanner scanner{text, is_all, separator, record};
  record.is = scanner.run();
  record.bytes = scanner.position();
}

} // namespace sluice
