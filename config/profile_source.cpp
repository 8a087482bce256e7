#include "config/profile_source.hpp"

#include "config/check.hpp"
#include "config/load.hpp"
#include "config/profile.hpp"
#include "config/suggest.hpp"
#include "core/base/error.hpp"

#include <algorithm>

namespace sluice::config {

namespace {

constexpr size_t most_ancestors = 8;

/// One profile's text and where it came from.
struct source {
  std::string id;   ///< "extralt" or an absolute path: for cycles
  std::string name; ///< for messages: the built-in name or the file's stem
  std::string file; ///< for findings
  std::string text;
  std::filesystem::path folder; ///< of a file, for relative `extends`
};

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".yaml")
         || text.ends_with(".yml") || text.ends_with(".json");
}

std::optional<source> built_in(const std::string& name, const place& referrer,
                               finding_list& findings) {
  auto text = built_in_profile_text(name);
  if (!text.empty())
    return source{
      name, name, "built-in profile " + name, std::string{text}, {}};
  findings.add(referrer,
               "there is no built-in profile \"" + printable(name, 60) + "\""
                 + suggestion(name, built_in_profiles())
                 + " (write a profile file as a path, such as ./my-api.yaml)");
  return std::nullopt;
}

std::optional<source> find_source(const std::string& name_or_path,
                                  const std::filesystem::path& folder,
                                  const place& referrer,
                                  finding_list& findings) {
  if (!is_path(name_or_path))
    return built_in(name_or_path, referrer, findings);
  auto path = (folder / name_or_path).lexically_normal();
  auto text = read_text_file(path.string(), referrer, findings);
  if (!text)
    return std::nullopt;
  return source{path.string(), path.stem().string(), path.string(),
                std::move(*text), path.parent_path()};
}

/// Merges `over` into `base`: sections key by key, everything else whole.
void merge(node& base, node over) {
  for (auto& m : over.members) {
    if (m.key == "extends")
      continue;
    auto inherited = base.find(m.key);
    if (inherited == nullptr)
      base.members.push_back(std::move(m));
    else if (inherited->is != node::kind::mapping
             || m.value.is != node::kind::mapping)
      *inherited = std::move(m.value);
    else
      for (auto& part : m.value.members) {
        auto old =
          std::find_if(inherited->members.begin(), inherited->members.end(),
                       [&](const member& one) { return one.key == part.key; });
        if (old == inherited->members.end())
          inherited->members.push_back(std::move(part));
        else
          *old = std::move(part);
      }
  }
  base.at = over.at;
}

/// Reads a profile and everything it extends into one document.
class profile_chain {
public:
  explicit profile_chain(finding_list& findings) : findings_{findings} {}

  std::optional<node> resolve(const source& from) {
    ids_.push_back(from.id);
    auto root = parse_document(from.text, from.file, findings_);
    if (!root)
      return std::nullopt;
    if (root->is != node::kind::mapping) {
      findings_.add(root->at, "a profile is a mapping, not "
                                + std::string{describe(*root)}
                                + ": write `key: value` lines");
      return std::nullopt;
    }
    auto extends = root->find("extends");
    if (extends == nullptr)
      return root;
    auto parent = find_parent(*extends, from);
    auto base = parent ? resolve(*parent) : std::nullopt;
    if (base)
      merge(*base, std::move(*root));
    return base;
  }

  /// The files that the profile was read from.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> out;
    std::copy_if(ids_.begin(), ids_.end(), std::back_inserter(out), is_path);
    return out;
  }

private:
  std::optional<source> find_parent(const node& extends, const source& from) {
    if (extends.is != node::kind::scalar) {
      findings_.add(extends.at, std::string{describe(extends)}
                                  + " is not a valid value for extends: write "
                                    "the name or path of one profile");
      return std::nullopt;
    }
    auto parent = find_source(extends.text, from.folder, extends.at, findings_);
    if (!parent)
      return std::nullopt;
    if (ids_.size() >= most_ancestors
        || std::find(ids_.begin(), ids_.end(), parent->id) != ids_.end()) {
      findings_.add(extends.at,
                    "extends leads back to this profile, or through more than "
                    "eight profiles: name one that does not");
      return std::nullopt;
    }
    return parent;
  }

  finding_list& findings_;
  std::vector<std::string> ids_;
};

} // namespace

found_profile load_profile_for(const std::string& name_or_path,
                               const std::filesystem::path& folder,
                               const place& referrer, finding_list& findings) {
  auto from = find_source(name_or_path, folder, referrer, findings);
  if (!from)
    return {};
  finding_list own;
  found_profile out;
  profile_chain chain{own};
  if (auto root = chain.resolve(*from)) {
    auto values = check(*root, profile_fields(), {from->folder, false}, own);
    if (own.empty())
      out.value = std::make_shared<const api_profile>(
        build_profile(from->name, *root, values, own));
  }
  out.files = chain.files();
  if (own.empty())
    return out;
  findings.add(own.take());
  return {};
}

profile_result load_profile(const std::string& name_or_path,
                            const std::filesystem::path& folder) {
  finding_list findings;
  place nowhere{std::make_shared<const std::string>(name_or_path)};
  auto profile = load_profile_for(name_or_path, folder, nowhere, findings);
  if (!findings.empty())
    return {nullptr, findings.take()};
  return {std::move(profile.value), {}};
}

} // namespace sluice::config
