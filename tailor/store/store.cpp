#include "tailor/store/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/store/sqlite.hpp"

namespace tailor::internal {
namespace {

struct Kind {
  std::string_view scheme;
  std::unique_ptr<StudyStore> (*open)(const std::string& rest);  // of the URL, behind the ':'
  StoredStudy (*read)(const std::string& rest);
};

constexpr std::array kKinds = {
    Kind{"sqlite", [](const std::string& path) { return open_sqlite_store(path); },
         [](const std::string& path) { return read_sqlite_study(path); }},
};

// What stands before the first ':', where that can be a scheme: a letter, then letters, digits, +,
// - and dots (RFC 3986). "" for a plain path.
std::string scheme_of(const std::string& url) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto may_follow = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  const auto end = std::find_if_not(url.begin(), url.end(), may_follow);
  if (end == url.begin() || end == url.end() || *end != ':' || !is_letter(url[0])) return "";
  return {url.begin(), end};
}

struct Place {
  const Kind& kind;
  std::string rest;
};

Place place_of(const std::string& url) {
  const std::string scheme = scheme_of(url);
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const Kind& one) { return one.scheme == scheme; });
  if (kind == kKinds.end() && !scheme.empty()) {
    std::vector<std::string> known;
    for (const Kind& one : kKinds) known.emplace_back(one.scheme);
    const std::string nearest = nearest_name(scheme, known);
    throw bad_input(fmt::format(
        "{} names a store of the kind \"{}\", which is not known; known: {}{}; a file whose name "
        "holds a ':' is sqlite:NAME",
        url, scheme, fmt::join(known, ", "),
        nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
  }
  const bool plain = scheme.empty();
  std::string rest = plain ? url : url.substr(scheme.size() + 1);
  if (rest.empty()) throw bad_input(fmt::format("\"{}\" names no file to keep a study in", url));
  return {plain ? kKinds.front() : *kind, std::move(rest)};
}

}  // namespace

std::unique_ptr<StudyStore> open_store(const std::string& url) {
  const Place place = place_of(url);
  return place.kind.open(place.rest);
}

StoredStudy read_study(const std::string& url) {
  const Place place = place_of(url);
  return place.kind.read(place.rest);
}

std::string sqlite_url(const std::filesystem::path& path) {
  return "sqlite:" + path.string();
}

}  // namespace tailor::internal
