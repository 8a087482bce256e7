// The streaming part of page_splitter: follows the reader's events through a
// page and records where captures begin and end.

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

/// The lists of pointers in a page's two trees.
enum page_list : int { items_list, next_list, more_list, id_list, url_list };

/// A handler for json_reader.hpp and indexed_json_reader.hpp. If an object has
/// several members of the same name, the first one counts; a second list of
/// captures stops the reader.
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

  /// Treats each following document as a capture, once it is accepted.
  void take_documents();

  /// Accepts the last document's capture.
  void accept_document();

  /// Discards what was read of the last document.
  void drop_document();

  bool name(const json_token& token);
  bool scalar(const json_token& token);
  bool open(bool is_array, size_t at);
  bool close(size_t end);

  /// True inside a container that no pointer leads through.
  [[nodiscard]] bool skips() const { return skipped_ > 0; }

  /// Why the handler returned false.
  [[nodiscard]] const char* refusal() const { return refusal_; }

  /// True if an `items` pointer led to a list or to null. If so, the result
  /// covers the whole page.
  [[nodiscard]] bool found() const;
  [[nodiscard]] split_page take();
  /// For a page not read to its end: the captures of the best list, if no list
  /// of better rank could still appear; otherwise none.
  [[nodiscard]] capture_list take_certain();

private:
  using node = pointer_tree::node;
  static constexpr uint32_t unset = UINT32_MAX;
  static constexpr int no_list = -1;

  /// Where pointers lead for one value: from the root, and from its capture.
  struct place {
    node page = pointer_tree::none;
    node capture = pointer_tree::none;
  };

  /// An open container that a pointer leads through, or a capture.
  struct level {
    place at;
    int list = no_list; ///< for an array: the rank of its `items` pointer
    bool array = false;
    bool capture = false; ///< an element of a list of captures
    uint64_t index = 0;   ///< for an array: elements so far
  };

  /// A capture being read; the ranks say which pointers gave its values.
  struct open_capture {
    size_t list = 0;
    uint32_t number = 0; ///< by start position, from 1
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
  size_t longest_name_; ///< of any name in a pointer
  identity_hasher hasher_;
  std::string scratch_; ///< for decoded texts
  std::vector<level> levels_;
  size_t skipped_ = 0; ///< depth inside an irrelevant container
  place key_;          ///< where the last member name leads
  std::vector<open_capture> open_;
  std::vector<candidate> candidates_;
  bool documents_ = false;
  std::optional<open_capture> document_; ///< not yet accepted
  std::vector<bool> on_page_;            ///< nodes that a member has led to
  std::vector<uint32_t> in_capture_;     ///< the same, by the capture's number
  uint32_t captures_begun_ = 0;
  std::string next_;
  uint32_t next_rank_ = unset;
  bool next_is_zero_ = false;
  const char* unusable_ = nullptr; ///< the unusable value at a `next` pointer
  uint32_t unusable_rank_ = unset;
  bool more_ = false;
  uint32_t more_rank_ = unset;
  const char* refusal_ = "";
};

} // namespace sluice
