#include "core/api/page_events.hpp"

#include "core/api/page_walk.hpp"
#include "core/base/url.hpp"
#include "core/model/capture_page.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// True for 0, -0, 0.0, 0e5 and the like.
bool is_zero(std::string_view number) {
  auto digits = number.substr(0, number.find_first_of("eE"));
  return digits.find_first_of("123456789") == digits.npos;
}

} // namespace

page_events::page_events(const setup& how, std::string_view body)
    : how_{how},
      body_{body},
      longest_name_{
        std::max(how.page.longest_token(), how.capture.longest_token())},
      candidates_(how.items),
      on_page_(how.page.size()),
      in_capture_(how.capture.size()) {}

void page_events::take_documents() {
  documents_ = true;
  levels_.push_back({.at = {}, .list = 0, .array = true});
  candidates_[0].seen = true;
}

void page_events::accept_document() {
  if (document_)
    add(*document_);
  document_.reset();
}

void page_events::drop_document() {
  document_.reset();
  open_.clear();
  levels_.resize(1);
  skipped_ = 0;
}

bool page_events::found() const {
  for (const auto& each : candidates_)
    if (each.seen || each.null)
      return true;
  return false;
}

capture_list page_events::take_certain() {
  // A list at the root excludes any other.
  auto is_root = [&](size_t rank) {
    auto& targets = how_.page.targets(pointer_tree::root);
    return std::any_of(targets.begin(), targets.end(), [&](auto& target) {
      return target.list == items_list && target.rank == rank;
    });
  };
  for (size_t rank = 0; rank < candidates_.size(); ++rank)
    if (candidates_[rank].seen)
      return rank == 0 || is_root(rank) ? std::move(candidates_[rank].captures)
                                        : capture_list{};
  return {};
}

split_page page_events::take() {
  split_page result;
  for (auto& each : candidates_) {
    if (!each.seen)
      continue;
    result.captures = std::move(each.captures);
    break;
  }
  if (next_rank_ > unusable_rank_)
    result.unusable_next =
      std::string{unusable_} + " at " + how_.next[unusable_rank_];
  if (!next_.empty()) {
    result.next = std::move(next_);
    result.unusable_next.reset();
    result.next_is_zero = next_is_zero_;
  }
  if (more_rank_ != unset)
    result.more = more_;
  return result;
}

bool page_events::name(const json_token& token) {
  if (skipped_ > 0)
    return true;
  auto at = levels_.back().at;
  if (at.page != pointer_tree::none || at.capture != pointer_tree::none) {
    auto text = json_text(token, scratch_, longest_name_ + 1);
    at = {how_.page.child(at.page, text), how_.capture.child(at.capture, text)};
  }
  key_ = {is_new_on_page(at.page) ? at.page : pointer_tree::none,
          is_new_in_capture(at.capture) ? at.capture : pointer_tree::none};
  return true;
}

/// False if an earlier member led to this node. A node on the path to the
/// captures always counts as new, so that a second list of captures is noticed.
bool page_events::is_new_on_page(node at) {
  if (at == pointer_tree::none)
    return false;
  auto before = on_page_[static_cast<size_t>(at)];
  if (before)
    return how_.page.leads_to(at, items_list);
  before = true;
  return true;
}

/// Like is_new_on_page, within the innermost capture.
bool page_events::is_new_in_capture(node at) {
  if (at == pointer_tree::none)
    return false;
  auto number = open_.back().number;
  return std::exchange(in_capture_[static_cast<size_t>(at)], number) != number;
}

/// Moves to the value that begins now.
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

/// The best rank among the `items` pointers that end here; no_list if none.
int page_events::list_at(place at) const {
  if (at.page != pointer_tree::none)
    for (auto [list, rank] : how_.page.targets(at.page))
      if (list == items_list)
        return static_cast<int>(rank);
  return no_list;
}

bool page_events::open(bool is_array, size_t at) {
  if (skipped_ > 0) {
    ++skipped_;
    return true;
  }
  auto is_capture = in_list();
  level next{.at = arrive(), .array = is_array, .capture = is_capture};
  next.list = is_array ? list_at(next.at) : no_list;
  note_container(next.at.page, is_array);
  if (next.list != no_list
      && std::exchange(candidates_[static_cast<size_t>(next.list)].seen, true))
    return refuse("the list of captures appears twice");
  if (is_capture)
    begin_capture(at);
  else if (next.list == no_list && !how_.page.leads_on(next.at.page)
           && !how_.capture.leads_on(next.at.capture)) {
    skipped_ = 1;
    return true;
  }
  levels_.push_back(next);
  return true;
}

bool page_events::close(size_t end) {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  auto is_capture = levels_.back().capture;
  levels_.pop_back();
  return !is_capture || end_capture(end);
}

bool page_events::scalar(const json_token& token) {
  if (skipped_ > 0)
    return true;
  auto is_capture = in_list();
  if (is_capture)
    begin_capture(token.begin);
  auto at = arrive();
  note_page(at.page, token);
  note_capture(at.capture, token);
  return !is_capture || end_capture(token.end);
}

void page_events::note_page(node at, const json_token& token) {
  if (at == pointer_tree::none)
    return;
  auto is_more = token.kind == json_kind::yes || token.kind == json_kind::no;
  for (auto [list, rank] : how_.page.targets(at)) {
    // A reply that consists of null is not a page.
    if (list == items_list && token.kind == json_kind::null && !levels_.empty())
      candidates_[rank].null = true;
    else if (list == next_list)
      note_next(rank, token);
    else if (list == more_list && is_more && rank < more_rank_) {
      more_ = token.kind == json_kind::yes;
      more_rank_ = rank;
    }
  }
}

/// null and false mean that this pointer has no next page.
void page_events::note_next(uint32_t rank, const json_token& token) {
  auto is_number = token.kind == json_kind::number;
  if (token.kind == json_kind::yes)
    return note_unusable(rank, "true");
  if (is_number && !how_.numeric_next)
    return note_unusable(rank, "a number");
  if ((!is_number && token.kind != json_kind::string) || rank >= next_rank_)
    return;
  next_ = json_text(token, scratch_, max_cursor_bytes + 1);
  next_is_zero_ = is_number && is_zero(token.text);
  next_rank_ = rank;
}

void page_events::note_unusable(uint32_t rank, const char* what) {
  if (rank >= unusable_rank_)
    return;
  unusable_ = what;
  unusable_rank_ = rank;
}

void page_events::note_container(node at, bool is_array) {
  if (at == pointer_tree::none)
    return;
  for (auto [list, rank] : how_.page.targets(at))
    if (list == next_list)
      note_unusable(rank, is_array ? "an array" : "an object");
}

void page_events::note_capture(node at, const json_token& token) {
  if (at == pointer_tree::none)
    return;
  auto& capture = open_.back();
  for (auto [list, rank] : how_.capture.targets(at)) {
    if (list == id_list) {
      note_id(rank, token);
    } else if (list == url_list && token.kind == json_kind::string
               && rank < capture.url_rank) {
      capture.url = {token.begin, token.end};
      capture.url_rank = rank;
    }
  }
}

/// An empty id is ignored: all captures that have it would count as one.
void page_events::note_id(uint32_t rank, const json_token& token) {
  using source = identity_hasher::source;
  auto& capture = open_.back();
  auto is_number = token.kind == json_kind::number;
  auto is_text = token.kind == json_kind::string && !token.text.empty();
  if ((!is_number && !is_text) || rank >= capture.id_rank)
    return;
  capture.identity =
    hasher_.hash(is_number ? source::number_id : source::text_id,
                 json_text(token, scratch_));
  capture.id = {token.begin, token.end};
  capture.id_rank = rank;
}

void page_events::begin_capture(size_t begin) {
  auto& opened = open_.emplace_back();
  opened.list = static_cast<size_t>(levels_.back().list);
  opened.number = ++captures_begun_;
  opened.span.begin = begin;
}

/// REQUIRES: the capture's array is on top of `levels_`.
bool page_events::end_capture(size_t end) {
  auto done = open_.back();
  open_.pop_back();
  done.span.end = end;
  if (documents_) {
    document_ = done;
    return true;
  }
  if (candidates_[done.list].captures.size() >= page_splitter::max_captures)
    return refuse("too many captures on one page");
  add(done);
  return true;
}

void page_events::add(const open_capture& done) {
  auto& span = done.span;
  auto identity =
    done.id_rank != unset
      ? done.identity
      : hasher_.hash(identity_hasher::source::bytes,
                     body_.substr(span.begin, span.end - span.begin));
  candidates_[done.list].captures.add({span, identity, done.url, done.id});
}

bool page_events::refuse(const char* why) {
  refusal_ = why;
  return false;
}

} // namespace sluice
