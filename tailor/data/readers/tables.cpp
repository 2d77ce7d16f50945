// CSV files: lists of pictures with their classes, and Kaggle's tables of pixels.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>

#include "tailor/core/csv_reader.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/byte_source.hpp"
#include "tailor/data/class_names.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/readers/source.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using Cells = std::vector<std::string_view>;

constexpr std::uint64_t kMostTableBytes = std::uint64_t(8) << 30;

// Of the file, gzipped or not.
std::string table_text(const fs::path& path) {
  ByteSource source(path);
  std::string text;
  constexpr std::size_t kPiece = std::size_t(1) << 20;
  while (true) {
    const std::size_t at = text.size();
    text.resize(at + kPiece);
    const std::size_t count =
        source.read({reinterpret_cast<std::uint8_t*>(text.data()) + at, kPiece});
    text.resize(at + count);
    if (text.size() > kMostTableBytes) {
      throw bad_input(fmt::format("{}: more than {} bytes", path.string(), kMostTableBytes));
    }
    if (count < kPiece) break;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

std::optional<std::size_t> column_of(const Cells& header,
                                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (plain_name(header[i]) == name) return i;
    }
  }
  return std::nullopt;
}

struct Columns {
  std::size_t file = 0, label = 0;
  std::optional<std::size_t> split, group;
};

// Of a list of pictures; nothing where it has not both.
std::optional<Columns> list_columns(const Cells& header, const SourceOptions& options) {
  const auto file = column_of(
      header, {"path", "file", "file_name", "filename", "image", "image_path", "image_id", "id"});
  const auto label = column_of(header, {"label", "class", "target", "category"});
  if (!file || !label) return std::nullopt;
  Columns columns{*file, *label, column_of(header, {"split"}), column_of(header, {"group"})};
  if (!options.group_column.empty()) {
    columns.group = column_of(header, {plain_name(options.group_column)});
    if (!columns.group) {
      throw bad_input(fmt::format("data.group: there is no column {}; there are {}",
                                  printable(options.group_column),
                                  printable(few_of({header.begin(), header.end()}))));
    }
  }
  return columns;
}

struct ListedRow {
  std::string file, label, group;
  Split split = Split::kTrain;
};

std::vector<ListedRow> read_list(const fs::path& path, const std::string& text,
                                 const SourceOptions& options, bool& grouped_rows) {
  CsvReader reader(text);
  Cells cells;
  reader.next(cells);
  const Columns columns = *list_columns(cells, options);
  grouped_rows = columns.group.has_value();
  const std::size_t width = cells.size();
  std::vector<ListedRow> rows;
  const auto fail = [&](const std::string& what) {
    throw bad_input(fmt::format("{}:{}: {}", printable(path.string()), reader.line(), what));
  };
  while (reader.next(cells)) {
    if (cells.size() != width) {
      fail(fmt::format("{} cells, but the first row has {}", cells.size(), width));
    }
    ListedRow& row = rows.emplace_back();
    row.file = cells[columns.file];
    row.label = cells[columns.label];
    if (row.file.empty()) fail("the picture has no path");
    if (row.label.empty()) fail("the picture has no class");
    if (columns.group) row.group = cells[*columns.group];
    if (columns.split) {
      const std::optional<Split> split = split_named(cells[*columns.split]);
      if (!split) {
        fail(fmt::format("the split '{}' is none of train, val, valid, validation and test",
                         printable(std::string(cells[*columns.split]))));
      }
      row.split = *split;
    }
    if (rows.size() > kMostImages) fail("more pictures than are counted");
  }
  return rows;
}

// The picture that a row means: relative to the table, or in the folder called as the table is, as
// it is written or without its extension, as ids are.
class FileFinder {
 public:
  explicit FileFinder(const fs::path& table) : root_(table.parent_path()) {
    fs::path name = table.filename();
    if (name.extension() == ".gz") name = name.stem();
    folders_ = {"", name.stem().string()};
  }

  std::string find(const std::string& file) {
    constexpr std::string_view kEndings[] = {"",     ".jpg", ".jpeg", ".png", ".webp", ".tif",
                                             ".bmp", ".JPG", ".JPEG", ".PNG", ".TIF",  ".BMP"};
    for (const std::string_view ending : kEndings) {
      for (const std::string& folder : folders_) {
        fs::path path = fs::path(folder) / (file + std::string(ending));
        if (knows(path)) return path.string();
      }
    }
    return file;  // who reads it says that it is not there
  }

 private:
  // By the names in its folder, each read once: a table of 100,000 rows asks as often.
  bool knows(const fs::path& path) {
    const fs::path folder = root_ / path.parent_path();
    const auto [at, is_new] = names_.try_emplace(folder.string());
    if (is_new && is_folder(folder)) {
      for (const FolderEntry& entry : folder_entries(folder)) at->second.push_back(entry.name);
    }
    return std::ranges::binary_search(at->second, path.filename().string());
  }

  fs::path root_;
  std::vector<std::string> folders_;
  std::map<std::string, std::vector<std::string>> names_;
};

Source source_of_list(const fs::path& path, const std::string& text, const SourceOptions& options) {
  bool has_groups = false;
  std::vector<ListedRow> rows = read_list(path, text, options, has_groups);
  std::vector<std::string> names;
  for (const ListedRow& row : rows) {
    if (row.split == Split::kTrain) names.push_back(row.label);
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  const std::string place = printable(path.string());
  check_class_names(names, [&](std::size_t) { return place; });
  check_spellings(names, place);
  check_class_count(names.size(), place);
  std::map<Split, std::shared_ptr<SourcePart>> parts;
  FileFinder finder(path);
  for (const ListedRow& row : rows) {
    std::shared_ptr<SourcePart>& part = parts[row.split];
    if (!part) {
      part = std::make_shared<SourcePart>();
      part->set.class_names = names;
    }
    const auto at = std::ranges::lower_bound(names, row.label);
    if (at == names.end() || *at != row.label) {
      throw bad_input(
          fmt::format("{}: the class '{}' of {} is not among those of the training images", place,
                      printable(row.label), printable(row.file)));
    }
    part->set.labels.push_back(Label(at - names.begin()));
    part->files.push_back(finder.find(row.file));
    if (has_groups) part->groups.push_back(row.group);
  }
  Source source;
  source.root = path.parent_path();
  source.pictures = true;
  source.inputs = {path};
  source.understood = fmt::format("a list of pictures of {} classes", names.size());
  for (const auto& [split, part] : parts) {
    source.understood += fmt::format("{} {} {}", source.parts.empty() ? ":" : ",", to_string(split),
                                     grouped(double(part->files.size())));
    source.parts[split] = [part = part] { return *part; };
  }
  return source;
}

// --- Tables of pixels -------------------------------------------------------------------------

struct PixelTable {
  Shape shape;
  bool header = false;
  std::optional<std::size_t> label;  // its column: the first or the last
};

bool is_number(std::string_view cell) {
  return !cell.empty() && std::ranges::all_of(cell, [](char c) { return c >= '0' && c <= '9'; });
}

// Squares of gray or RGB.
std::optional<Shape> square_of(std::size_t values) {
  for (const int channels : {1, 3}) {
    const auto side = int(std::lround(std::sqrt(double(values) / channels)));
    if (side >= 1 && std::size_t(side) * std::size_t(side) * std::size_t(channels) == values) {
      return Shape{.channels = channels, .height = side, .width = side};
    }
  }
  return std::nullopt;
}

std::optional<PixelTable> pixel_table(const Cells& first) {
  PixelTable table;
  table.header = !std::ranges::all_of(first, is_number);
  if (first.size() < 5) return std::nullopt;
  if (table.header) {
    const auto label = column_of(first, {"label", "class", "target"});
    if (label && *label != 0 && *label != first.size() - 1) return std::nullopt;
    table.label = label;
  } else {
    table.label = 0;
  }
  const auto shape = square_of(first.size() - (table.label ? 1 : 0));
  constexpr std::size_t kFewestWithoutLabel = 16;  // other tables have fewer columns
  if (!shape || (!table.label && first.size() < kFewestWithoutLabel)) return std::nullopt;
  table.shape = *shape;
  return table;
}

unsigned number_of(std::string_view cell, unsigned most, const std::string& place) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || value > most) {
    throw bad_input(fmt::format("{}: '{}' is no whole number from 0 to {}", place,
                                printable(std::string(cell.substr(0, 40))), most));
  }
  return value;
}

// Labels as they are written; they become classes when all are known.
struct PixelRows {
  Shape shape;
  std::vector<std::uint8_t> pixels;
  std::vector<unsigned> labels;
};

PixelRows read_pixels(const fs::path& path) {
  const std::string text = table_text(path);
  CsvReader reader(text);
  Cells cells;
  if (!reader.next(cells)) throw bad_input(fmt::format("{}: is empty", printable(path.string())));
  const auto table = pixel_table(cells);
  if (!table) throw bad_input(fmt::format("{}: is no table of pixels", printable(path.string())));
  if (!table->label) {
    throw bad_input(fmt::format("{}: has no column of labels", printable(path.string())));
  }
  PixelRows rows{table->shape, {}, {}};
  const std::size_t width = cells.size();
  rows.pixels.reserve(text.size() / 2);
  for (bool more = table->header ? reader.next(cells) : true; more; more = reader.next(cells)) {
    const auto place = [&] {
      return fmt::format("{}:{}", printable(path.string()), reader.line());
    };
    if (cells.size() != width) {
      throw bad_input(
          fmt::format("{}: {} cells, but the first row has {}", place(), cells.size(), width));
    }
    for (std::size_t i = 0; i < width; ++i) {
      // The common case without a text for the place, which a billion cells would make.
      const std::string_view cell = cells[i];
      unsigned value = 256;
      if (cell.size() == 1 && cell[0] >= '0' && cell[0] <= '9') value = unsigned(cell[0] - '0');
      if (value == 256) {
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        const unsigned most = i == *table->label ? 999'999'999 : 255;
        if (error != std::errc() || end != cell.data() + cell.size() || value > most) {
          value = number_of(cell, most, place());
        }
      }
      if (i == *table->label) {
        rows.labels.push_back(value);
      } else {
        rows.pixels.push_back(std::uint8_t(value));
      }
    }
  }
  return rows;
}

SourcePart part_of_pixels(PixelRows rows, const std::vector<unsigned>& known,
                          const std::string& place) {
  SourcePart part;
  part.set.shape = rows.shape;
  for (const unsigned label : known) part.set.class_names.push_back(std::to_string(label));
  for (const unsigned label : rows.labels) {
    const auto at = std::ranges::lower_bound(known, label);
    if (at == known.end() || *at != label) {
      throw bad_input(
          fmt::format("{}: the label {} is not among those of the training images", place, label));
    }
    part.set.labels.push_back(Label(at - known.begin()));
  }
  part.set.pixels = std::move(rows.pixels);
  return part;
}

// `test` may be empty. The labels of the training images are read for either part.
Source source_of_pixels(const fs::path& train, const fs::path& test) {
  Source source;
  source.root = train.parent_path();
  source.inputs = {train};
  source.understood = fmt::format("a table of pixels, {}", printable(train.filename().string()));
  source.parts[Split::kTrain] = [train] {
    PixelRows rows = read_pixels(train);
    const std::vector<unsigned> known = classes_of(rows.labels, printable(train.string()));
    return part_of_pixels(std::move(rows), known, printable(train.string()));
  };
  if (test.empty()) return source;
  source.inputs.push_back(test);
  source.understood += fmt::format(", and one to test on, {}", printable(test.filename().string()));
  source.parts[Split::kTest] = [train, test] {
    const std::vector<unsigned> known =
        classes_of(read_pixels(train).labels, printable(train.string()));
    return part_of_pixels(read_pixels(test), known, printable(test.string()));
  };
  return source;
}

// --- Which of them ----------------------------------------------------------------------------

bool is_table_name(const std::string& name) {
  const std::string plain = plain_name(name);
  return plain.ends_with(".csv") || plain.ends_with(".csv.gz");
}

enum class TableKind { kNone, kList, kPixels, kPixelsWithoutLabels };

// By its first row.
TableKind kind_of_table(const fs::path& path, const SourceOptions& options) {
  ByteSource source(path);
  std::string text(std::size_t(1) << 20, '\0');  // of 100,000 columns and more
  text.resize(source.read({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.find('\0') != std::string::npos) return TableKind::kNone;
  text.resize(std::min(text.find('\n'), text.size()));
  CsvReader reader(text);
  Cells cells;
  if (!reader.next(cells)) return TableKind::kNone;
  if (list_columns(cells, options)) return TableKind::kList;
  const auto table = pixel_table(cells);
  if (!table) return TableKind::kNone;
  return table->label ? TableKind::kPixels : TableKind::kPixelsWithoutLabels;
}

Recognised open_table(const fs::path& path, const fs::path& test, const SourceOptions& options) {
  switch (kind_of_table(path, options)) {
    case TableKind::kList: {
      try {
        return source_of_list(path, table_text(path), options);
      } catch (const Error& error) {
        const std::string said = error.what();
        if (!said.starts_with("line ")) throw;
        throw bad_input(fmt::format("{}: {}", printable(path.string()), said));
      }
    }
    case TableKind::kPixels: {
      const bool tested = !test.empty() && kind_of_table(test, options) == TableKind::kPixels;
      return source_of_pixels(path, tested ? test : fs::path());
    }
    case TableKind::kPixelsWithoutLabels:
      throw bad_input(
          fmt::format("{}: a table of pixels without a column called label, which must "
                      "be the first or the last",
                      printable(path.string())));
    case TableKind::kNone:
      break;
  }
  return std::nullopt;
}

}  // namespace

Recognised open_tables(const fs::path& path, const SourceOptions& options) {
  if (!is_folder(path)) {
    return is_table_name(path.filename().string()) ? open_table(path, {}, options) : std::nullopt;
  }
  std::vector<std::string> tables, train, test;
  for (const FolderEntry& entry : folder_entries(path)) {
    if (entry.kind != PathKind::kFile || is_left_out(entry.name) || !is_table_name(entry.name)) {
      continue;
    }
    tables.push_back(entry.name);
    const std::string plain = plain_name(entry.name);
    if (plain.find("train") != std::string::npos) train.push_back(entry.name);
    if (plain.find("test") != std::string::npos) test.push_back(entry.name);
  }
  if (tables.empty()) return std::nullopt;
  if (train.size() == 1) {
    const fs::path beside = test.size() == 1 && test != train ? path / test[0] : fs::path();
    if (auto source = open_table(path / train[0], beside, options)) return source;
  }
  if (tables.size() == 1) return open_table(path / tables[0], {}, options);
  return std::nullopt;
}

}  // namespace tailor::internal
