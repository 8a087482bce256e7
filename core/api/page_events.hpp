// The streaming side of page_splitter: follows a reader's events through a page
// and notes where captures begin and end.

#pragma once

#include "core/api/page_splitter.hpp"
#include "core/base/json_reader.hpp"
#include "core/model/capture_identity.hpp"
#include "core/model/capture_page.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The lists whose pointers a page's two trees hold.
enum page_list : int { items_list, next_list, more_list, id_list, url_list };

/// A handler for json_reader.hpp. Of several members with the same name the
/// first one counts; a second list of captures ends the reading.
class page_events {
public:
  struct setup {
    const pointer_tree& page;
    const pointer_tree& capture;
    const json_pointers& next; ///< for messages
    size_t items;
    bool numeric_next;
  };

  page_events(const setup& how, std::string_view body);

  /// Every document that follows is a capture, once it is accepted.
  void take_documents();

  /// Takes the capture of the last document.
  void accept_document();

  /// Forgets what was read of the last document.
  void drop_document();

  bool name(const json_token& token);
  bool scalar(const json_token& token);
  bool open(bool is_array, size_t at);
  bool close(size_t end);

  /// Why a handler returned false.
  [[nodiscard]] const char* refusal() const { return refusal_; }

  /// True when an `items` pointer led to a list or to null; then the result
  /// is the whole page's.
  [[nodiscard]] bool found() const;
  [[nodiscard]] split_page take();
  /// Of a page that was not read to its end: the captures of the list that
  /// no better-ranked one can replace. Empty when that is not certain.
  [[nodiscard]] capture_list take_certain();

private:
  using node = pointer_tree::node;
  static constexpr uint32_t unset = UINT32_MAX;
  static constexpr int no_list = -1;

  /// Where pointers lead at one value: from the root, from its capture.
  struct place {
    node page = pointer_tree::none;
    node capture = pointer_tree::none;
  };

  /// An open container that a pointer leads through, or that is a capture.
  struct level {
    place at;
    int list = no_list; ///< array: the rank of its `items` pointer
    bool array = false;
    bool capture = false; ///< it is an element of such an array
    uint64_t index = 0;   ///< array: elements so far
  };

  /// A capture under way; ranks say which pointer gave its values.
  struct open_capture {
    size_t list = 0;
    uint32_t number = 0; ///< in the order of their beginnings, from 1
    capture_span span;
    capture_identity identity{};
    capture_span url;
    capture_span id;
    uint32_t id_rank = unset;
    uint32_t url_rank = unset;
  };

  struct candidate {
    bool seen = false;
    bool null = false; ///< its pointer led to null
    capture_list captures;
  };

  [[nodiscard]] bool in_list() const {
    return !levels_.empty() && levels_.back().list != no_list;
  }
  [[nodiscard]] place arrive();
  [[nodiscard]] int list_at(place at) const;
  [[nodiscard]] bool is_new_on_page(node at);
  [[nodiscard]] bool is_new_in_capture(node at);
  void note_page(node at, const json_token& token);
  void note_next(uint32_t rank, const json_token& token);
  void note_unusable(uint32_t rank, const char* what);
  void note_container(node at, bool is_array);
  void note_capture(node at, const json_token& token);
  void note_id(uint32_t rank, const json_token& token);
  void begin_capture(size_t begin);
  bool end_capture(size_t end);
  void add(const open_capture& done);
  bool refuse(const char* why);

  setup how_;
  std::string_view body_;
  size_t longest_name_; ///< that a pointer leads through
  identity_hasher hasher_;
  std::string scratch_; ///< for decoded texts
  std::vector<level> levels_;
  size_t skipped_ = 0; ///< depth inside a container of no interest
  place key_;          ///< where the last member name leads
  std::vector<open_capture> open_;
  std::vector<candidate> candidates_;
  bool documents_ = false;
  std::optional<open_capture> document_; ///< not accepted yet
  std::vector<bool> on_page_;            ///< nodes that a member has led to
  std::vector<uint32_t> in_capture_;     ///< the same: the capture's number
  uint32_t captures_begun_ = 0;
  std::string next_;
  uint32_t next_rank_ = unset;
  bool next_is_zero_ = false;
  const char* unusable_ = nullptr; ///< what stands at a `next` pointer
  uint32_t unusable_rank_ = unset;
  bool more_ = false;
  uint32_t more_rank_ = unset;
  const char* refusal_ = "";
};

} // namespace sluice
