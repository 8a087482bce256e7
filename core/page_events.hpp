// The streaming side of page_splitter: follows RapidJSON's events through a
// page and notes where captures begin and end.

#pragma once

#include "core/capture_identity.hpp"
#include "core/page_splitter.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/rapidjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The lists whose pointers a page's two trees hold.
enum page_list : int { items_list, next_list, more_list, id_list, url_list };

/// A RapidJSON handler. Numbers must arrive as text, and in iterative mode,
/// where an event for a container comes before its bracket is taken.
class page_events {
public:
  struct setup {
    const pointer_tree& page;
    const pointer_tree& capture;
    size_t items;
    bool numeric_next;
  };

  page_events(const setup& how, std::string_view body,
              const rapidjson::MemoryStream& stream);

  /// Every document of the stream is a capture.
  void take_documents();

  bool Null() { return scalar(kind::other, {}); }
  bool Bool(bool value) { return scalar(value ? kind::yes : kind::no, {}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return scalar(kind::number, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return scalar(kind::string, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool);
  bool StartObject() { return enter(false); }
  bool StartArray() { return enter(true); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }

  // Numbers arrive as text; these are never called.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  /// Why a handler returned false.
  [[nodiscard]] const char* refusal() const { return refusal_; }

  /// True when an `items` pointer resolved; then `take` has the result.
  [[nodiscard]] bool found() const;
  [[nodiscard]] split_page take();

private:
  using node = pointer_tree::node;
  enum class kind { string, number, yes, no, other };
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
    size_t mark = 0;      ///< array: offset after its last element
  };

  /// A capture under way; ranks say which pointer gave its values.
  struct open_capture {
    size_t list = 0;
    size_t begin = 0;
    capture_identity identity{};
    std::string url;
    uint32_t id_rank = unset;
    uint32_t url_rank = unset;
  };

  struct candidate {
    bool seen = false;
    capture_list captures;
  };

  [[nodiscard]] bool in_list() const {
    return !levels_.empty() && levels_.back().list != no_list;
  }
  [[nodiscard]] place arrive();
  [[nodiscard]] int list_at(place at) const;
  bool enter(bool array);
  bool leave();
  bool scalar(kind is, std::string_view text);
  void note_page(node at, kind is, std::string_view text);
  void note_capture(node at, kind is, std::string_view text);
  void begin_capture(size_t begin);
  bool end_capture(size_t end);
  [[nodiscard]] size_t start_of_scalar() const;
  bool refuse(const char* why);

  setup how_;
  std::string_view body_;
  const rapidjson::MemoryStream& stream_;
  identity_hasher hasher_;
  std::vector<level> levels_;
  size_t skipped_ = 0; ///< depth inside a container of no interest
  place key_;          ///< where the last member name leads
  std::vector<open_capture> open_;
  std::string spare_url_; ///< the last capture's, for the next one's memory
  std::vector<candidate> candidates_;
  std::string next_;
  uint32_t next_rank_ = unset;
  bool more_ = false;
  uint32_t more_rank_ = unset;
  const char* refusal_ = "";
};

} // namespace sluice
