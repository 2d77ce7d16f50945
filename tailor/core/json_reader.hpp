// Reading our own JSON as if a stranger had written it: metrics.json, timings.json, the lists in a
// model's card, the parameters in a study. Whoever reads says which type, which range and how many
// it takes, so that what comes out can be drawn without another look.
//
//   const JsonReader json(read_text(path), path.string(), "move it away and run again");
//   const double accuracy = json.at("final").at("test_accuracy").number(0, 1);
//
// What does not fit is bad_input: "runs/x/metrics.json: final.test_accuracy is 2, which is not
// within 0 and 1; move it away and run again".
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tailor/core/limits.hpp"
#include "tailor/core/value.hpp"

namespace tailor::internal {

// A value of a JSON text, and the way to it. Copies share the text's values.
class JsonReader {
 public:
  // `source` names the text in errors, `advice` ends them. Refuses what is no JSON, has more than
  // kMostTextBytes or lists in lists deeper than kMostDepth, before values are made of it.
  JsonReader(std::string_view text, std::string source, std::string advice);

  // Of an object.
  JsonReader at(std::string_view key) const;
  std::optional<JsonReader> find(std::string_view key) const;       // nullopt: no such key
  std::vector<std::pair<std::string, JsonReader>> entries() const;  // keys ascending

  // Of a list; with its size known, where it must have that.
  std::vector<JsonReader> list() const;
  std::vector<JsonReader> list(std::size_t size) const;

  bool is_null() const;
  double number(double low, double high) const;         // finite, both ends included
  double number_or_nan(double low, double high) const;  // null is NaN, as Json writes it
  std::string text(std::size_t most_bytes = kMostKeyBytes) const;
  Value value() const;        // a flag, a whole number, a finite number or a text
  Settings settings() const;  // an object of such

  // A whole number that is not negative, such as a count.
  template <typename Number = std::int64_t>
  Number whole(std::uint64_t high, std::uint64_t low = 0) const {
    static_assert(std::numeric_limits<Number>::is_integer);
    const auto most = std::uint64_t(std::numeric_limits<Number>::max());
    return Number(unsigned_within(low, high < most ? high : most));
  }

  // "SOURCE: PATH has 9 numbers; ADVICE" for "has 9 numbers".
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  struct Document;
  JsonReader(const JsonReader& parent, const nlohmann::json& value, std::string path);
  std::uint64_t unsigned_within(std::uint64_t low, std::uint64_t high) const;
  std::string path_of(std::string_view key) const;
  std::string kind() const;  // "a list of 3"

  std::shared_ptr<const Document> document_;
  const nlohmann::json* value_;
  std::string path_;  // "final.confusion[3]", "" of the whole
};

}  // namespace tailor::internal
