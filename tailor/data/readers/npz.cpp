// NumPy's archives of arrays: Keras's mnist.npz, MedMNIST, and whatever names its arrays alike.
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "tailor/core/error.hpp"
#include "tailor/core/folder_entries.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/sizes.hpp"
#include "tailor/core/text.hpp"
#include "tailor/data/readers/names.hpp"
#include "tailor/data/readers/source.hpp"
#include "tailor/formats/npy_header.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Zip = std::unique_ptr<zip_t, CloseZip>;

Zip open_zip(const fs::path& path) {
  int code = 0;
  Zip zip(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (zip) return zip;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string why = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw bad_input(fmt::format("{}: is a broken archive: {}", printable(path.string()), why));
}

// The names of images and of labels of one split.
struct ArrayNames {
  Split split;
  const char* images;
  const char* labels;
};
constexpr ArrayNames kKnownNames[] = {
    {Split::kTrain, "x_train", "y_train"},
    {Split::kTest, "x_test", "y_test"},
    {Split::kValidation, "x_val", "y_val"},
    {Split::kTrain, "train_images", "train_labels"},
    {Split::kTest, "test_images", "test_labels"},
    {Split::kValidation, "val_images", "val_labels"},
    {Split::kTrain, "X_train", "Y_train"},
    {Split::kTest, "X_test", "Y_test"},
    {Split::kTrain, "images", "labels"},
    {Split::kTrain, "x", "y"},
    {Split::kTrain, "X", "y"},
    {Split::kTrain, "data", "labels"},
    {Split::kTrain, "arr_0", "arr_1"},
};

bool has_array(zip_t* zip, const char* name) {
  return zip_name_locate(zip, fmt::format("{}.npy", name).c_str(), 0) >= 0;
}

struct Array {
  NpyHeader header;
  std::vector<std::uint8_t> values;
  std::string place;  // for messages
};

// Never takes more than the header promises, nor more than so many bytes can hold.
Array read_array(zip_t* zip, const fs::path& path, const std::string& name) {
  Array array;
  array.place = fmt::format("{}: {}", printable(path.string()), name);
  const std::string entry = name + ".npy";
  zip_stat_t status;
  if (zip_stat(zip, entry.c_str(), 0, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0) {
    throw bad_input(fmt::format("{}: is a broken entry", array.place));
  }
  const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen(zip, entry.c_str(), 0));
  if (!file) throw bad_input(fmt::format("{}: {}", array.place, zip_strerror(zip)));
  const auto read = [&](std::uint8_t* to, std::uint64_t count) {
    for (std::uint64_t done = 0; done < count;) {
      const zip_int64_t some = zip_fread(file.get(), to + done, count - done);
      if (some <= 0) throw bad_input(fmt::format("{}: is broken or cut short", array.place));
      done += std::uint64_t(some);
    }
  };
  std::vector<std::uint8_t> begin(std::min<std::uint64_t>(status.size, kMostNpyHeader));
  read(begin.data(), begin.size());
  array.header = read_npy_header(begin, array.place);
  const std::size_t each = array.header.value_bytes();
  if (each == 0) {
    throw bad_input(
        fmt::format("{}: holds {}, not numbers", array.place, printable(array.header.type)));
  }
  constexpr std::uint64_t kMostBytes = std::uint64_t(1) << 40;
  std::vector<std::uint64_t> sizes = array.header.shape;
  sizes.push_back(each);
  const std::uint64_t bytes = product_up_to(kMostBytes, sizes);
  constexpr std::uint64_t kMostInflation = 1100;  // deflate's is 1032
  if (bytes > kMostBytes || bytes + array.header.bytes != status.size ||
      ((status.valid & ZIP_STAT_COMP_SIZE) != 0 &&
       status.size / kMostInflation > status.comp_size + 1)) {
    throw bad_input(fmt::format("{}: does not have the size that its header says", array.place));
  }
  array.values.assign(begin.begin() + std::ptrdiff_t(array.header.bytes), begin.end());
  const std::size_t so_far = array.values.size();
  array.values.resize(bytes);
  read(array.values.data() + so_far, bytes - so_far);
  return array;
}

// Fortran's order into C's.
void put_rows_first(Array& array) {
  if (!array.header.columns_first || array.header.shape.size() < 2) return;
  const std::size_t each = array.header.value_bytes(), count = array.values.size() / each;
  const std::vector<std::uint64_t>& shape = array.header.shape;
  std::vector<std::uint8_t> rows(array.values.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i, from = 0, stride = 1;
    std::vector<std::size_t> at(shape.size());
    for (std::size_t d = shape.size(); d-- > 0;) {
      at[d] = rest % shape[d];
      rest /= shape[d];
    }
    for (std::size_t d = 0; d < shape.size(); ++d) {
      from += at[d] * stride;
      stride *= shape[d];
    }
    std::memcpy(&rows[i * each], &array.values[from * each], each);
  }
  array.values = std::move(rows);
}

std::int64_t whole_number(const Array& array, std::size_t i) {
  const char kind = array.header.type[1];
  const std::size_t each = array.header.value_bytes();
  const std::uint8_t* at = &array.values[i * each];
  const bool big = array.header.type[0] == '>';
  std::uint64_t bits = 0;
  for (std::size_t b = 0; b < each; ++b) {
    bits |= std::uint64_t(at[big ? each - 1 - b : b]) << 8 * b;
  }
  if (kind == 'i' && each < 8 && (bits >> (8 * each - 1) & 1) != 0) {
    bits |= ~std::uint64_t(0) << 8 * each;
  }
  if (kind == 'u' && bits >> 63 != 0) {
    throw bad_input(fmt::format("{}: holds {}, more than a label may be", array.place, bits));
  }
  if (kind != 'f') return std::int64_t(bits);
  double value = 0;
  if (each == 4) {
    float narrow = 0;
    const auto low = std::uint32_t(bits);
    std::memcpy(&narrow, &low, 4);
    value = double(narrow);
  } else if (each == 8) {
    std::memcpy(&value, &bits, 8);
  }
  if (value != std::floor(value) || std::abs(value) > 1e9) {
    throw bad_input(fmt::format("{}: holds {}, no whole number", array.place, value));
  }
  return std::int64_t(value);
}

std::vector<std::int64_t> numbers_of(Array array) {
  const std::vector<std::uint64_t>& shape = array.header.shape;
  if (shape.size() == 2 && shape[1] > 1) {
    throw bad_input(
        fmt::format("{}: {} labels for each image; one is read (of one-hot labels take argmax)",
                    array.place, shape[1]));
  }
  if (shape.empty() || shape.size() > 2) {
    throw bad_input(fmt::format("{}: is no list of labels", array.place));
  }
  std::vector<std::int64_t> numbers;
  for (std::uint64_t i = 0; i < shape[0]; ++i) numbers.push_back(whole_number(array, i));
  return numbers;
}

void read_images(Array array, Dataset& set) {
  put_rows_first(array);
  const std::vector<std::uint64_t>& shape = array.header.shape;
  if (array.header.type.substr(1) != "u1") {
    throw bad_input(
        fmt::format("{}: holds values of type {}; save the images as bytes, 0 to 255: "
                    "images.astype('uint8')",
                    array.place, array.header.type));
  }
  const bool coloured = shape.size() == 4;
  if ((shape.size() != 3 && !coloured) || (coloured && shape[3] != 1 && shape[3] != 3)) {
    throw bad_input(
        fmt::format("{}: is no N x height x width, with 1 or 3 channels behind where "
                    "there are any",
                    array.place));
  }
  if (shape[0] > kMostImages ||
      product_up_to(kMostPixels, std::span(shape).subspan(1, 2)) > kMostPixels || shape[1] == 0 ||
      shape[2] == 0) {
    throw bad_input(fmt::format("{}: images of {} x {} pixels", array.place, shape[1], shape[2]));
  }
  set.shape = {
      .channels = coloured ? int(shape[3]) : 1, .height = int(shape[1]), .width = int(shape[2])};
  set.pixels = std::move(array.values);
}

SourcePart read_part(const fs::path& path, const ArrayNames& names, const ArrayNames& train) {
  const Zip zip = open_zip(path);
  const auto known =
      classes_of(numbers_of(read_array(zip.get(), path, train.labels)), printable(path.string()));
  SourcePart part;
  for (const std::int64_t number : known) part.set.class_names.push_back(std::to_string(number));
  for (const std::int64_t number : numbers_of(read_array(zip.get(), path, names.labels))) {
    const auto at = std::ranges::lower_bound(known, number);
    if (at == known.end() || *at != number) {
      throw bad_input(fmt::format("{}: {} holds the label {}, which is not among those of {}",
                                  printable(path.string()), names.labels, number, train.labels));
    }
    part.set.labels.push_back(Label(at - known.begin()));
  }
  Array images = read_array(zip.get(), path, names.images);
  const std::uint64_t count = images.header.shape.empty() ? 0 : images.header.shape[0];
  if (count != part.set.labels.size()) {
    throw bad_input(fmt::format("{}: {} holds {} images, but {} {} labels",
                                printable(path.string()), names.images, count, names.labels,
                                part.set.labels.size()));
  }
  read_images(std::move(images), part.set);
  return part;
}

bool is_zip(const fs::path& path) {
  InputFile file(path);
  std::uint8_t magic[4] = {};
  return file.read(magic) == 4 && std::memcmp(magic, "PK\3\4", 4) == 0;
}

}  // namespace

Recognised open_npz(const fs::path& path) {
  fs::path file = path;
  if (is_folder(path)) {
    std::vector<std::string> archives;
    for (const FolderEntry& entry : folder_entries(path)) {
      const bool archive = plain_name(entry.name).ends_with(".npz");
      if (archive && entry.kind == PathKind::kFile) archives.push_back(entry.name);
    }
    if (archives.size() != 1) return std::nullopt;
    file = path / archives[0];
  }
  if (!is_file(file) || !is_zip(file)) return std::nullopt;
  const Zip zip = open_zip(file);
  std::map<Split, ArrayNames> found;
  for (const ArrayNames& names : kKnownNames) {
    if (has_array(zip.get(), names.images) && has_array(zip.get(), names.labels)) {
      found.emplace(names.split, names);
    }
  }
  if (!found.contains(Split::kTrain)) {
    throw bad_input(
        fmt::format("{}: an archive without arrays called x_train and y_train, or "
                    "train_images and train_labels, or images and labels",
                    printable(file.string())));
  }
  Source source;
  source.root = file.parent_path();
  source.inputs = {file};
  source.understood = fmt::format("the arrays of {}", printable(file.filename().string()));
  const ArrayNames train = found.at(Split::kTrain);
  for (const auto& [split, names] : found) {
    source.understood += fmt::format("{} {}", source.parts.empty() ? ":" : ",", names.images);
    source.parts[split] = [file, names = names, train] { return read_part(file, names, train); };
  }
  return source;
}

}  // namespace tailor::internal
