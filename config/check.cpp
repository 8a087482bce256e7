#include "config/check.hpp"

#include "config/columns.hpp"
#include "config/suggest.hpp"
#include "config/value_reader.hpp"
#include "core/base/error.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::config {

namespace {

class checker {
public:
  checker(const field& root, const check_options& options,
          finding_list& findings)
      : root_{root},
        options_{options},
        findings_{findings},
        values_{options, findings} {}

  /// Where results go, and what messages call them.
  struct scope {
    section& out;
    std::string path;   ///< for people: "sinks[0].batch."
    std::string prefix; ///< within `out`: "batch."
  };

  void members(const node& from, const place& at, const field& spec,
               bool needed, const scope& into) {
    for (auto& m : from.members)
      if (child_of(spec, m.key) == nullptr)
        unknown(m, spec, into);
    for (auto& child : spec.children) {
      auto given = member_of(from, child.name);
      if (given == nullptr && needed && child.required
          && child.kind != field_kind::section)
        missing(at, child, into);
      one(given, at, child, needed, into);
    }
  }

private:
  static const member* member_of(const node& from, std::string_view name) {
    for (auto& m : from.members)
      if (m.key == name)
        return &m;
    return nullptr;
  }

  /// A key that may be absent.
  void one(const member* given, const place& at, const field& spec, bool needed,
           const scope& into) {
    auto name = into.prefix + spec.name;
    if (spec.kind == field_kind::section)
      return subsection(given, at, spec, needed, into);
    into.out.set(name, std::monostate{});
    if (given != nullptr)
      if (auto got = read(given->value, spec, into.path + spec.name)) {
        into.out.set(name, std::move(*got));
        return;
      }
    if (!spec.default_value.empty())
      into.out.set(name, default_of(spec));
  }

  void subsection(const member* given, const place& at, const field& spec,
                  bool needed, const scope& into) {
    static const node nothing;
    auto is_mapping =
      given != nullptr && given->value.is == node::kind::mapping;
    if (given != nullptr && !is_mapping && given->value.is != node::kind::null)
      values_.refuse(given->value, spec, into.path + spec.name);
    into.out.set(into.prefix + spec.name,
                 is_mapping ? value{true} : value{std::monostate{}});
    members(
      is_mapping ? given->value : nothing, given != nullptr ? given->at : at,
      spec, is_mapping || (needed && spec.required),
      {into.out, into.path + spec.name + ".", into.prefix + spec.name + "."});
  }

  std::optional<value>
  read(const node& from, const field& spec, const std::string& path) {
    if (spec.kind == field_kind::typed_list)
      return read_typed_list(from, spec, path);
    if (spec.kind == field_kind::columns)
      return read_columns(from, spec, path);
    return values_.read(from, spec, path);
  }

  std::optional<value> read_typed_list(const node& from, const field& spec,
                                       const std::string& path) {
    if (!values_.is_list(from, spec, path))
      return std::nullopt;
    std::vector<section> out;
    for (size_t i = 0; i < from.items.size(); ++i)
      if (auto got = read_typed(from.items[i], spec, indexed(path, i)))
        out.push_back(std::move(*got));
    return out;
  }

  /// YAML reads the bare word null as no value; for `key` it is a word.
  static void make_text(node& from, std::string_view key) {
    if (auto found = from.find(key);
        found != nullptr && found->is == node::kind::null) {
      found->is = node::kind::scalar;
      found->text = "null";
    }
  }

  std::optional<section>
  read_typed(node from, const field& spec, const std::string& path) {
    make_text(from, "type");
    if (from.is != node::kind::mapping) {
      findings_.add(from.at, std::string{describe(from)}
                               + " is not a valid value for " + path
                               + ": write a mapping with a type");
      return std::nullopt;
    }
    auto type = from.find("type");
    auto types = names_of(spec.children);
    if (type == nullptr) {
      findings_.add(from.at, path + ".type is missing" + suggestion("", types));
      return std::nullopt;
    }
    auto chosen =
      type->is == node::kind::scalar ? child_of(spec, type->text) : nullptr;
    if (chosen == nullptr) {
      findings_.add(type->at, shown(*type) + " is not a valid value for " + path
                                + ".type" + suggestion(type->text, types));
      return std::nullopt;
    }
    section out;
    members(from, from.at, *chosen, true, {out, path + ".", ""});
    return out;
  }

  std::optional<value>
  read_columns(const node& from, const field& spec, const std::string& path) {
    if (!values_.is_list(from, spec, path))
      return std::nullopt;
    if (auto count = from.items.size(); count > max_columns) {
      findings_.add(from.at, path + " has " + std::to_string(count)
                               + " columns: write at most "
                               + std::to_string(max_columns));
      return std::nullopt;
    }
    column_reader columns{findings_};
    for (size_t i = 0; i < from.items.size(); ++i)
      read_column(from.items[i], columns, indexed(path, i));
    return columns.take();
  }

  void read_column(node from, column_reader& out, const std::string& path) {
    if (from.is != node::kind::mapping) {
      findings_.add(from.at, shown(from) + " is not a valid value for " + path
                               + ": write a mapping with name and from");
      return;
    }
    make_text(from, "on_missing");
    make_text(from, "on_mismatch");
    section keys;
    members(from, from.at, column_keys(), true, {keys, path + ".", ""});
    out.add(from, keys, path);
  }

  void missing(const place& at, const field& spec, const scope& into) {
    auto text =
      spec.example.empty() ? wanted(spec) : spec.name + ": " + spec.example;
    findings_.add(at, into.path + spec.name + " is missing: write " + text
                        + (spec.hint.empty() ? "" : "; " + spec.hint));
  }

  void unknown(const member& m, const field& spec, const scope& into) {
    auto message = "unknown key " + into.path + printable(m.key, 60);
    if (auto home = home_of(m.key); !home.empty())
      message += ": it belongs in " + home;
    else
      message += suggestion(m.key, names_of(spec.children));
    findings_.add(m.at, message);
  }

  /// The section that has such a key, or "".
  std::string home_of(std::string_view name) const {
    for (auto& part : root_.children)
      if (part.kind == field_kind::section && child_of(part, name) != nullptr)
        return part.name;
    return {};
  }

  /// A default that its own field refuses is a bug.
  value default_of(const field& spec) {
    finding_list bugs;
    auto got =
      value_reader{options_, bugs}.read(default_node(spec), spec, spec.name);
    assert(got);
    return std::move(*got);
  }

  static node default_node(const field& spec) {
    if (std::string_view{"[{\""}.find(spec.default_value[0])
        == std::string_view::npos) {
      node scalar;
      scalar.is = node::kind::scalar;
      scalar.text = spec.default_value;
      return scalar;
    }
    finding_list bugs;
    auto parsed = parse_document(spec.default_value, "default", bugs);
    assert(parsed);
    return std::move(*parsed);
  }

  const field& root_;
  const check_options& options_;
  finding_list& findings_;
  value_reader values_;
};

} // namespace

section check(const node& root, const field& spec, const check_options& options,
              finding_list& findings) {
  section out;
  checker{spec, options, findings}.members(root, root.at, spec, true,
                                           {out, "", ""});
  return out;
}

place place_in(const node& root, std::string_view path) {
  auto at = root.at;
  auto current = &root;
  while (current != nullptr && !path.empty()) {
    auto length = std::min(path.find_first_of(".["), path.size());
    auto step = path.substr(0, length);
    path.remove_prefix(length);
    const node* next = nullptr;
    for (auto& m : current->members)
      if (m.key == step) {
        next = &m.value;
        at = next->is == node::kind::scalar ? next->at : m.at;
      }
    if (next != nullptr && path.starts_with('[')) {
      size_t index = 0;
      auto end =
        std::from_chars(path.data() + 1, path.data() + path.size(), index).ptr;
      path.remove_prefix(static_cast<size_t>(end - path.data()) + 1);
      next = index < next->items.size() ? &next->items[index] : nullptr;
      at = next != nullptr ? next->at : at;
    }
    if (path.starts_with('.'))
      path.remove_prefix(1);
    current = next;
  }
  return at;
}

} // namespace sluice::config
