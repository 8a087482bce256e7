#include "config/overrides.hpp"

#include "config/check.hpp"
#include "core/base/error.hpp"

#include <charconv>
#include <optional>

namespace sluice::config {

namespace {

constexpr size_t longest_path = 1'000;

/// One step of a path: a member's name or a list's index.
struct step {
  std::string name;
  std::optional<size_t> index{};
};

/// "sinks[0].path" → sinks, [0], path; nullopt if it is not a path.
std::optional<std::vector<step>> parse_path(std::string_view path) {
  std::vector<step> out;
  while (!path.empty()) {
    if (path.front() == '[') {
      size_t index = 0;
      auto [end, failure] =
        std::from_chars(path.data() + 1, path.data() + path.size(), index);
      auto length = static_cast<size_t>(end - path.data());
      if (failure != std::errc{} || length >= path.size() || path[length] != ']'
          || out.empty())
        return std::nullopt;
      out.push_back({{}, index});
      path.remove_prefix(length + 1);
    } else {
      auto length = std::min(path.find_first_of(".["), path.size());
      if (length == 0)
        return std::nullopt;
      out.push_back({std::string{path.substr(0, length)}});
      path.remove_prefix(length);
    }
    if (path == ".")
      return std::nullopt;
    if (path.starts_with('.'))
      path.remove_prefix(1);
  }
  return out.empty() ? std::nullopt : std::optional{std::move(out)};
}

void mark_overridden(node& value, const place& at) {
  value.at = at;
  for (auto& item : value.items)
    mark_overridden(item, at);
  for (auto& m : value.members) {
    m.at = at;
    mark_overridden(m.value, at);
  }
}

std::optional<node>
parse_value(const std::string& text, const place& at, finding_list& findings) {
  node out;
  if (text.empty()
      || std::string_view{"[{\"'"}.find(text[0]) == std::string_view::npos) {
    out.is = node::kind::scalar;
    out.text = text;
    mark_overridden(out, at);
    return out;
  }
  finding_list own;
  auto parsed = parse_document(text, *at.file, own);
  // Line and column numbers mean nothing on a command line.
  for (auto& one : own.take())
    findings.add(at, one.message);
  if (parsed)
    mark_overridden(*parsed, at);
  return parsed;
}

/// Walks into the document and creates what is missing.
class path_walker {
public:
  path_walker(const place& at, finding_list& findings)
      : at_{at}, findings_{findings} {}

  /// The node that `path` names, or nullptr after a finding.
  node* walk(node& root, const field& spec, std::string_view path) {
    auto current = &root;
    auto shape = &spec;
    auto steps = parse_path(path);
    if (!steps)
      return refuse(
        "this is not a valid path: write section.key or sinks[0].key");
    for (size_t i = 0; i < steps->size() && current != nullptr; ++i) {
      if (is_name_map(shape)) {
        auto offset = name_offset(path, *steps, i);
        return enter(*current, std::string{path.substr(offset)});
      }
      auto& next = (*steps)[i];
      current =
        next.index ? enter(*current, *next.index) : enter(*current, next.name);
      shape = current == nullptr ? nullptr : shape_of(shape, next, *current);
    }
    return current;
  }

private:
  node* refuse(const std::string& message) {
    findings_.add(at_, message);
    return nullptr;
  }

  static bool is_name_map(const field* shape) {
    return shape != nullptr
           && (shape->kind == field_kind::text_map
               || shape->kind == field_kind::text_or_map);
  }

  /// Where in `path` the step `index` begins.
  static size_t name_offset(std::string_view path,
                            const std::vector<step>& steps, size_t index) {
    size_t offset = 0;
    for (size_t i = 0; i < index; ++i) {
      offset = steps[i].index ? path.find(']', offset) + 1
                              : offset + steps[i].name.size();
      if (offset < path.size() && path[offset] == '.')
        ++offset;
    }
    return offset;
  }

  /// The spec of the node that `next` led to; nullptr if unknown.
  static const field*
  shape_of(const field* shape, const step& next, const node& reached) {
    if (shape == nullptr)
      return nullptr;
    if (!next.index)
      return child_of(*shape, next.name);
    auto type = reached.find("type");
    return type == nullptr ? nullptr : child_of(*shape, type->text);
  }

  node* enter(node& parent, const std::string& name) {
    if (parent.is == node::kind::null)
      parent.is = node::kind::mapping;
    if (parent.is != node::kind::mapping)
      return refuse("there is " + std::string{describe(parent)}
                    + " where a mapping with \"" + printable(name, 60)
                    + "\" should be: set the whole mapping, {...}");
    for (auto& m : parent.members)
      if (m.key == name)
        return &m.value;
    node nothing;
    nothing.at = at_;
    parent.members.push_back({name, at_, std::move(nothing)});
    return &parent.members.back().value;
  }

  node* enter(node& parent, size_t index) {
    // A single string stands for a list of one.
    if (parent.is == node::kind::scalar && index == 0)
      return &parent;
    if (parent.is != node::kind::list)
      return refuse("there is " + std::string{describe(parent)}
                    + " where a list should be: set the whole list, [...]");
    if (index >= parent.items.size())
      return refuse("[" + std::to_string(index)
                    + "] is past the end of the list, which has "
                    + std::to_string(parent.items.size())
                    + " items: count from 0, or set the whole list, [...]");
    return &parent.items[index];
  }

  const place& at_;
  finding_list& findings_;
};

void apply(node& root, const field& spec, const std::string& text,
           finding_list& findings) {
  auto equals = text.find('=');
  auto path = text.substr(0, equals);
  place at{std::make_shared<const std::string>("--set " + printable(path, 100)),
           0, 0, true};
  if (equals == std::string::npos || path.size() > longest_path) {
    findings.add(at, "write path.to.key=value");
    return;
  }
  auto value = parse_value(text.substr(equals + 1), at, findings);
  auto target =
    value ? path_walker{at, findings}.walk(root, spec, path) : nullptr;
  if (target != nullptr)
    *target = std::move(*value);
}

} // namespace

void apply_overrides(node& root, const field& spec,
                     std::span<const std::string> overrides,
                     finding_list& findings) {
  for (auto& one : overrides)
    apply(root, spec, one, findings);
}

} // namespace sluice::config
