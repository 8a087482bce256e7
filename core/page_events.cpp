#include "core/page_events.hpp"

#include "core/json_pointer.hpp"
#include "core/url.hpp"

#include <utility>

namespace sluice {

page_events::page_events(const setup& how, std::string_view body,
                         const rapidjson::MemoryStream& stream)
    : how_{how}, body_{body}, stream_{stream}, candidates_(how.items) {}

void page_events::take_documents() {
  levels_.push_back({.at = {}, .list = 0, .array = true});
  candidates_[0].seen = true;
}

bool page_events::found() const {
  for (const auto& each : candidates_)
    if (each.seen)
      return true;
  return false;
}

split_page page_events::take() {
  split_page result;
  for (auto& each : candidates_) {
    if (!each.seen)
      continue;
    result.captures = std::move(each.captures);
    break;
  }
  if (!next_.empty())
    result.next = std::move(next_);
  if (more_rank_ != unset)
    result.more = more_;
  return result;
}

bool page_events::Key(const char* text, rapidjson::SizeType size, bool) {
  if (skipped_ > 0)
    return true;
  const auto& at = levels_.back().at;
  key_ = {how_.page.child(at.page, {text, size}),
          how_.capture.child(at.capture, {text, size})};
  return true;
}

/// Steps onto the value that begins now.
page_events::place page_events::arrive() {
  if (levels_.empty())
    return {pointer_tree::root, pointer_tree::none};
  auto& above = levels_.back();
  if (!above.array)
    return key_;
  auto index = above.index++;
  return {how_.page.element(above.at.page, index),
          above.list != no_list
            ? pointer_tree::root
            : how_.capture.element(above.at.capture, index)};
}

/// The rank of the best `items` pointer that ends here.
int page_events::list_at(place at) const {
  if (at.page != pointer_tree::none)
    for (auto [list, rank] : how_.page.targets(at.page))
      if (list == items_list)
        return static_cast<int>(rank);
  return no_list;
}

bool page_events::enter(bool array) {
  if (levels_.size() + skipped_ >= max_json_depth)
    return refuse("JSON nested too deep");
  if (skipped_ > 0) {
    ++skipped_;
    return true;
  }
  auto is_capture = in_list();
  level next{.at = arrive(), .array = array, .capture = is_capture};
  next.list = array ? list_at(next.at) : no_list;
  next.mark = stream_.Tell() + 1;
  if (next.list != no_list
      && std::exchange(candidates_[static_cast<size_t>(next.list)].seen, true))
    return refuse("the list of captures is there twice");
  if (is_capture)
    begin_capture(stream_.Tell());
  else if (next.list == no_list && !how_.page.leads_on(next.at.page)
           && !how_.capture.leads_on(next.at.capture)) {
    skipped_ = 1;
    return true;
  }
  levels_.push_back(next);
  return true;
}

bool page_events::leave() {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  auto is_capture = levels_.back().capture;
  levels_.pop_back();
  return !is_capture || end_capture(stream_.Tell() + 1);
}

bool page_events::scalar(kind is, std::string_view text) {
  if (skipped_ > 0)
    return true;
  if (in_list()) {
    begin_capture(start_of_scalar());
    auto at = arrive();
    note_page(at.page, is, text);
    note_capture(at.capture, is, text);
    return end_capture(stream_.Tell());
  }
  auto at = arrive();
  note_page(at.page, is, text);
  note_capture(at.capture, is, text);
  return true;
}

void page_events::note_page(node at, kind is, std::string_view text) {
  if (at == pointer_tree::none)
    return;
  auto is_next =
    is == kind::string || (how_.numeric_next && is == kind::number);
  auto is_more = is == kind::yes || is == kind::no;
  for (auto [list, rank] : how_.page.targets(at)) {
    if (list == next_list && is_next && rank < next_rank_) {
      next_ = text;
      next_rank_ = rank;
    } else if (list == more_list && is_more && rank < more_rank_) {
      more_ = is == kind::yes;
      more_rank_ = rank;
    }
  }
}

void page_events::note_capture(node at, kind is, std::string_view text) {
  using source = identity_hasher::source;
  if (at == pointer_tree::none)
    return;
  auto& capture = open_.back();
  auto is_id = is == kind::string || is == kind::number;
  for (auto [list, rank] : how_.capture.targets(at)) {
    if (list == id_list && is_id && rank < capture.id_rank) {
      auto from = is == kind::number ? source::number_id : source::text_id;
      capture.identity = hasher_.hash(from, text);
      capture.id_rank = rank;
    } else if (list == url_list && is == kind::string
               && rank < capture.url_rank) {
      capture.url = text.substr(0, max_url_bytes + 1);
      capture.url_rank = rank;
    }
  }
}

void page_events::begin_capture(size_t begin) {
  auto& opened = open_.emplace_back();
  opened.list = static_cast<size_t>(levels_.back().list);
  opened.begin = begin;
  opened.url.swap(spare_url_);
}

/// Called with the capture's array on top of `levels_`.
bool page_events::end_capture(size_t end) {
  auto done = std::move(open_.back());
  open_.pop_back();
  levels_.back().mark = end;
  if (done.id_rank == unset)
    done.identity = hasher_.hash(identity_hasher::source::bytes,
                                 body_.substr(done.begin, end - done.begin));
  auto& captures = candidates_[done.list].captures;
  if (captures.size() >= page_splitter::max_captures)
    return refuse("too many captures on one page");
  captures.add({{done.begin, end}, done.identity, done.url});
  done.url.clear();
  spare_url_.swap(done.url);
  return true;
}

/// A scalar's event comes after its text: its start is the first byte that
/// is neither space nor comma since the element before it.
size_t page_events::start_of_scalar() const {
  return body_.find_first_not_of(" \t\r\n,", levels_.back().mark);
}

bool page_events::refuse(const char* why) {
  refusal_ = why;
  return false;
}

} // namespace sluice
