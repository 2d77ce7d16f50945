#include "tailor/core/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

// The keys of nlohmann::json are a tree. Those of Json stand in a list, which a stranger's million
// of keys would make a reader search from its beginning a million times.
using Tree = nlohmann::json;

// Lists and objects that are open at once, at most; strings do not count.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

std::string number_text(const Tree& number) {
  if (number.is_number_unsigned()) return fmt::format("{}", number.get<std::uint64_t>());
  if (number.is_number_integer()) return fmt::format("{}", number.get<std::int64_t>());
  return fmt::format("{}", number.get<double>());
}

}  // namespace

struct JsonReader::Document {
  Tree root;
  std::string source;
  std::string advice;
};

JsonReader::JsonReader(std::string_view text, std::string source, std::string advice)
    : value_(nullptr) {
  auto document = std::make_shared<Document>(Document{{}, std::move(source), std::move(advice)});
  document_ = document;
  if (text.size() > kMostTextBytes) {
    refuse(fmt::format("has {} bytes, more than {}", text.size(), kMostTextBytes));
  }
  if (depth_of(text) > kMostDepth) {
    refuse(fmt::format("has lists in lists, more than {} deep", kMostDepth));
  }
  document->root = Tree::parse(text.begin(), text.end(), nullptr, false);
  if (document->root.is_discarded()) refuse("is no JSON");
  value_ = &document->root;
}

JsonReader::JsonReader(const JsonReader& parent, const Tree& value, std::string path)
    : document_(parent.document_), value_(&value), path_(std::move(path)) {}

JsonReader JsonReader::at(std::string_view key) const {
  std::optional<JsonReader> found = find(key);
  if (!found) refuse(fmt::format("lacks {}", key));
  return *std::move(found);
}

std::optional<JsonReader> JsonReader::find(std::string_view key) const {
  if (!value_->is_object()) refuse(fmt::format("is {}, not an object", kind()));
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) return std::nullopt;
  return JsonReader(*this, *found, path_of(key));
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::entries() const {
  if (!value_->is_object()) refuse(fmt::format("is {}, not an object", kind()));
  std::vector<std::pair<std::string, JsonReader>> entries;
  for (const auto& [key, value] : value_->items()) {
    if (key.size() > kMostKeyBytes) {
      refuse(fmt::format("has a key of {} bytes, more than {}", key.size(), kMostKeyBytes));
    }
    entries.emplace_back(key, JsonReader(*this, value, path_of(key)));
  }
  return entries;
}

std::vector<JsonReader> JsonReader::list() const {
  if (!value_->is_array()) refuse(fmt::format("is {}, not a list", kind()));
  constexpr std::size_t kMostItems = 10'000;  // no list of ours is longer
  if (value_->size() > kMostItems) refuse(fmt::format("is {}, more than {}", kind(), kMostItems));
  std::vector<JsonReader> items;
  items.reserve(value_->size());
  for (const Tree& item : *value_) {
    items.push_back(JsonReader(*this, item, fmt::format("{}[{}]", path_, items.size())));
  }
  return items;
}

std::vector<JsonReader> JsonReader::list(std::size_t size) const {
  if (value_->is_array() && value_->size() != size) {
    refuse(fmt::format("is {}, not one of {}", kind(), size));
  }
  return list();
}

bool JsonReader::is_null() const {
  return value_->is_null();
}

double JsonReader::number(double low, double high) const {
  if (!value_->is_number()) refuse(fmt::format("is {}, not a number", kind()));
  const auto number = value_->get<double>();
  if (!(number >= low && number <= high)) {
    refuse(fmt::format("is {}, which is not within {} and {}", number_text(*value_), low, high));
  }
  return number;
}

double JsonReader::number_or_nan(double low, double high) const {
  return is_null() ? std::numeric_limits<double>::quiet_NaN() : number(low, high);
}

std::uint64_t JsonReader::unsigned_within(std::uint64_t low, std::uint64_t high) const {
  if (!value_->is_number()) refuse(fmt::format("is {}, not a whole number", kind()));
  const bool whole = value_->is_number_unsigned();
  const std::uint64_t number = whole ? value_->get<std::uint64_t>() : 0;
  if (!whole || number < low || number > high) {
    refuse(
        fmt::format("is {}, not a whole number within {} and {}", number_text(*value_), low, high));
  }
  return number;
}

std::string JsonReader::text(std::size_t most_bytes) const {
  if (!value_->is_string()) refuse(fmt::format("is {}, not text", kind()));
  const auto& text = value_->get_ref<const std::string&>();
  if (text.size() > most_bytes) {
    refuse(fmt::format("has {} bytes, more than {}", text.size(), most_bytes));
  }
  return text;
}

Value JsonReader::value() const {
  if (value_->is_boolean()) return value_->get<bool>();
  if (value_->is_string()) return text();
  constexpr auto kMost = std::uint64_t(std::numeric_limits<std::int64_t>::max());
  const bool fits = !value_->is_number_unsigned() || value_->get<std::uint64_t>() <= kMost;
  if (value_->is_number_integer() && fits) return value_->get<std::int64_t>();
  constexpr double kLargest = std::numeric_limits<double>::max();
  return number(-kLargest, kLargest);
}

Settings JsonReader::settings() const {
  Settings settings;
  for (const auto& [path, value] : entries()) settings[path] = value.value();
  return settings;
}

std::string JsonReader::path_of(std::string_view key) const {
  return path_.empty() ? excerpt(key) : fmt::format("{}.{}", path_, excerpt(key));
}

std::string JsonReader::kind() const {
  if (value_->is_object()) return "an object";
  if (value_->is_array()) return fmt::format("a list of {}", value_->size());
  if (value_->is_string()) return "text";
  if (value_->is_number()) return "a number";
  return value_->is_boolean() ? "true or false" : "null";
}

void JsonReader::refuse(const std::string& what) const {
  throw bad_input(fmt::format("{}: {} {}; {}", document_->source, path_.empty() ? "it" : path_,
                              what, document_->advice));
}

}  // namespace tailor::internal
