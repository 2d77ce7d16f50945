#include "tailor/core/fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/toml.hpp"

namespace tailor::internal {
namespace {

// "1" rather than "1.0": a bound is read by people.
std::string bound_text(double bound) {
  return std::abs(bound) <= 0x1p53 && bound == std::trunc(bound) ? fmt::format("{:.0f}", bound)
                                                                 : to_text(Value(bound));
}

// What was given, as an error says it.
std::string as_typed(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? toml_text(excerpt(*text)) : to_text(value);
}

Error wrong(const std::string& path, const std::string& wanted, const Value& value) {
  return bad_input(fmt::format("{} must be {}, not {}", path, wanted, as_typed(value)));
}

void check_bounds(const Field& field, const std::string& path, double number, const Value& value) {
  if (number < field.min) throw wrong(path, "at least " + bound_text(field.min), value);
  if (number > field.max) throw wrong(path, "at most " + bound_text(field.max), value);
}

double checked_number(const Field& field, const std::string& path, const Value& value) {
  double number = 0;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    number = double(*i);
  } else if (const auto* d = std::get_if<double>(&value); d != nullptr && std::isfinite(*d)) {
    number = *d;
  } else {
    throw wrong(path, "a finite number", value);
  }
  check_bounds(field, path, number, value);
  const double size = std::abs(number);
  if (size > 0 && size < kLeastFloat) {
    throw wrong(path, fmt::format("0 or at least {} in size", kLeastFloat), value);
  }
  if (size > kMostFloat) throw wrong(path, fmt::format("at most {} in size", kMostFloat), value);
  return number;
}

// `lowest` and `highest` are what the target's type can hold.
std::int64_t checked_integer(const Field& field, const std::string& path, const Value& value,
                             std::int64_t lowest, std::int64_t highest) {
  std::int64_t integer = 0;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    integer = *i;
  } else if (const auto* d = std::get_if<double>(&value);
             d != nullptr && *d == std::trunc(*d) && std::abs(*d) < 0x1.0p63) {
    integer = std::int64_t(*d);
  } else {
    throw wrong(path, "a whole number", value);
  }
  check_bounds(field, path, double(integer), value);
  // Beyond 2^53 a double stands for its neighbours, too.
  if (field.max < 0x1.0p63 && integer > std::int64_t(field.max)) {
    throw wrong(path, "at most " + bound_text(field.max), value);
  }
  if (integer < lowest) throw wrong(path, fmt::format("at least {}", lowest), value);
  if (integer > highest) throw wrong(path, fmt::format("at most {}", highest), value);
  return integer;
}

int checked_int(const Field& field, const std::string& path, const Value& value) {
  return int(checked_integer(field, path, value, std::numeric_limits<int>::min(),
                             std::numeric_limits<int>::max()));
}

std::string checked_text(const Field& field, const std::string& path, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto& choices = field.choices;
  if (text == nullptr && choices.empty()) throw wrong(path, "text", value);
  if (text != nullptr && !is_utf8(*text)) throw bad_input(path + " must be text in UTF-8");
  if (text != nullptr &&
      (choices.empty() || std::find(choices.begin(), choices.end(), *text) != choices.end())) {
    return *text;
  }
  const std::string nearest = text != nullptr ? nearest_name(*text, choices) : "";
  throw bad_input(fmt::format("{} must be one of {}, not {}{}", path, fmt::join(choices, ", "),
                              as_typed(value),
                              nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

std::string element_path(const Field& field, std::size_t i) {
  return fmt::format("{}[{}]", field.path, i);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The inside of "..." (with \" \\ \n \t) or '...' (as it stands), if that is what the text is.
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  const char quote = text.front();
  if (quote != '"' && quote != '\'') return std::nullopt;
  const std::string_view inside = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (quote == '"' && inside[i] == '\\' && i + 1 < inside.size()) {
      const char c = inside[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    } else {
      out += inside[i];
    }
  }
  return out;
}

// What the text says on its own; text that is nothing else is a string.
Value value_of(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  if (auto inside = unquoted(text)) return *inside;
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(text.data(), end, integer);
      r.ec == std::errc{} && r.ptr == end)
    return integer;
  double number = 0;
  if (const auto r = std::from_chars(text.data(), end, number); r.ec == std::errc{} && r.ptr == end)
    return number;
  return std::string(text);
}

// Where text is asked, 32 and true are text too.
Value text_of(std::string_view text) {
  auto inside = unquoted(text);
  return inside ? *inside : std::string(text);
}

// The elements of "[a, b]", commas inside quotes not counting.
std::vector<std::string_view> elements_of(const Field& field, std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    throw bad_input(fmt::format("{} must be a list such as [a, b], not {}", field.path,
                                as_typed(std::string(text))));
  }
  const std::string_view inside = trimmed(text.substr(1, text.size() - 2));
  std::vector<std::string_view> elements;
  if (inside.empty()) return elements;
  char quote = '\0';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (quote == '"' && c == '\\') {
      ++i;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',') {
      elements.push_back(trimmed(inside.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  elements.push_back(trimmed(inside.substr(begin)));
  if (quote != '\0' || std::find(elements.begin(), elements.end(), "") != elements.end()) {
    throw bad_input(
        fmt::format("{} has an empty or unfinished element in {}", field.path, excerpt(text)));
  }
  return elements;
}

constexpr std::size_t kLongestName = 60;  // of what is typed; the work grows with its square

// Letters added, left out or changed, and neighbours that changed places (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> rows((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return rows[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        at(i, j) = i + j;
        continue;
      }
      at(i, j) = std::min(
          {at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return rows.back();
}

bool holds_texts(const Field& field) {
  return std::holds_alternative<std::string*>(field.target) ||
         std::holds_alternative<std::vector<std::string>*>(field.target);
}

bool is_list(const Field& field) {
  return std::holds_alternative<std::vector<int>*>(field.target) ||
         std::holds_alternative<std::vector<std::string>*>(field.target);
}

}  // namespace

void append_fields(FieldList& list, std::string_view prefix, FieldList inner) {
  for (Field& field : inner) {
    field.path = fmt::format("{}.{}", prefix, field.path);
    list.push_back(std::move(field));
  }
}

FieldList scoped(FieldList list, Scope scope) {
  for (Field& field : list) {
    if (field.scope == Scope::kTraining) field.scope = scope;
  }
  return list;
}

const Field* find_field(const FieldList& list, std::string_view path) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [path](const Field& field) { return field.path == path; });
  return found == list.end() ? nullptr : &*found;
}

void assign(const Field& field, const Value& value) {
  if (auto* const* flag = std::get_if<bool*>(&field.target)) {
    const auto* given = std::get_if<bool>(&value);
    if (given == nullptr) throw wrong(field.path, "true or false", value);
    **flag = *given;
  } else if (auto* const* integer = std::get_if<int*>(&field.target)) {
    **integer = checked_int(field, field.path, value);
  } else if (auto* const* large = std::get_if<std::uint64_t*>(&field.target)) {
    // TOML integers are signed, so the upper half of uint64 could not be written back.
    **large = std::uint64_t(
        checked_integer(field, field.path, value, 0, std::numeric_limits<std::int64_t>::max()));
  } else if (auto* const* number = std::get_if<double*>(&field.target)) {
    **number = checked_number(field, field.path, value);
  } else if (auto* const* text = std::get_if<std::string*>(&field.target)) {
    **text = checked_text(field, field.path, value);
  } else {
    throw wrong(field.path, "a list such as [a, b]", value);
  }
}

void assign(const Field& field, const std::vector<Value>& values) {
  if (auto* const* integers = std::get_if<std::vector<int>*>(&field.target)) {
    std::vector<int> checked;
    for (const Value& value : values) {
      checked.push_back(checked_int(field, element_path(field, checked.size()), value));
    }
    **integers = std::move(checked);
  } else if (auto* const* texts = std::get_if<std::vector<std::string>*>(&field.target)) {
    std::vector<std::string> checked;
    for (const Value& value : values) {
      checked.push_back(checked_text(field, element_path(field, checked.size()), value));
    }
    **texts = std::move(checked);
  } else {
    throw bad_input(fmt::format("{} must be a single value ({}), not a list of {}", field.path,
                                type_text(field), values.size()));
  }
}

void assign_text(const Field& field, std::string_view text) {
  const auto parse = holds_texts(field) ? text_of : value_of;
  const std::string_view bare = trimmed(text);
  if (!is_list(field)) return assign(field, parse(bare));
  std::vector<Value> values;
  for (const std::string_view element : elements_of(field, bare)) values.push_back(parse(element));
  assign(field, values);
}

void copy_value(const Field& from, const Field& to) {
  std::visit([&](auto* value) { *value = *std::get<decltype(value)>(from.target); }, to.target);
}

std::string to_toml(const Field& field) {
  if (auto* const* flag = std::get_if<bool*>(&field.target)) return to_toml(**flag);
  if (auto* const* integer = std::get_if<int*>(&field.target)) return fmt::to_string(**integer);
  if (auto* const* large = std::get_if<std::uint64_t*>(&field.target)) {
    return fmt::to_string(**large);
  }
  if (auto* const* number = std::get_if<double*>(&field.target)) return to_toml(**number);
  if (auto* const* text = std::get_if<std::string*>(&field.target)) return toml_text(**text);
  if (auto* const* integers = std::get_if<std::vector<int>*>(&field.target)) {
    return fmt::format("[{}]", fmt::join(**integers, ", "));
  }
  std::vector<std::string> elements;
  for (const auto& text : *std::get<std::vector<std::string>*>(field.target)) {
    elements.push_back(toml_text(text));
  }
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

std::string type_text(const Field& field) {
  if (std::holds_alternative<bool*>(field.target)) return "true|false";
  if (std::holds_alternative<double*>(field.target)) return "number";
  std::string element = "int";
  if (holds_texts(field)) {
    element = field.choices.empty() ? "text" : fmt::format("{}", fmt::join(field.choices, "|"));
  }
  return is_list(field) ? "[" + element + ", ...]" : element;
}

std::string number_text(bool whole, double min, double max) {
  const std::string kind = whole ? "a whole number" : "a number";
  // Ends that are not in the range themselves stand as the nearest number inside.
  const bool above = min > 0 && min <= std::numeric_limits<double>::min();
  const bool below = max < 1 && max >= 1 - std::numeric_limits<double>::epsilon();
  const std::string low = above ? "above 0" : "from " + bound_text(min);
  const std::string high = below ? "below 1" : bound_text(max);
  if (std::isinf(min) && std::isinf(max)) return kind;
  if (std::isinf(max)) return kind + (above ? " above 0" : " of at least " + bound_text(min));
  if (std::isinf(min)) return kind + " of at most " + bound_text(max);
  if (above) return fmt::format("{} above 0, at most {}", kind, high);
  return fmt::format("{} {} to {}", kind, low, high);
}

std::string choices_text(const std::vector<std::string>& choices) {
  if (choices.size() < 2) return fmt::format("{}", fmt::join(choices, ""));
  return fmt::format("{} or {}", fmt::join(choices.begin(), choices.end() - 1, ", "),
                     choices.back());
}

std::string allowed_text(const Field& field) {
  if (std::holds_alternative<bool*>(field.target)) return "true or false";
  if (holds_texts(field)) {
    const std::string one = field.choices.empty() ? "text" : choices_text(field.choices);
    return is_list(field) ? "a list of texts" : one;
  }
  const bool whole = !std::holds_alternative<double*>(field.target);
  const double least =
      std::holds_alternative<std::uint64_t*>(field.target) ? std::max(field.min, 0.0) : field.min;
  const std::string number = number_text(whole, least, field.max);
  return is_list(field) ? "a list, each " + number : number;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  std::string nearest;
  if (name.size() > kLongestName) return nearest;
  std::size_t best = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (const std::string& candidate : known) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    if (longer - std::min(name.size(), candidate.size()) >= best) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best && distance < longer) {  // not one in which every letter is another
      best = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty() || name.size() < 3) return nearest;
  const auto begins_so = [&](const std::string& candidate) { return candidate.starts_with(name); };
  const auto first = std::find_if(known.begin(), known.end(), begins_so);
  return first != known.end() && std::count_if(first, known.end(), begins_so) == 1 ? *first : "";
}

}  // namespace tailor::internal
