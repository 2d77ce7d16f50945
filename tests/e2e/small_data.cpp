#include "tests/e2e/small_data.hpp"

#include <sstream>

#include "tailor/core/file.hpp"
#include "tailor/core/random/rng.hpp"

namespace tailor::internal::e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 10;
constexpr int kClasses = 4;

void write_split(const fs::path& folder, const std::string& name, int count, std::uint64_t seed) {
  const Rng rng(seed, Purpose::kDraw);
  std::vector<std::uint8_t> pixels, labels;
  for (int i = 0; i < count; ++i) {
    const int label = i % kClasses;
    labels.push_back(std::uint8_t(label));
    for (int p = 0; p < kSide * kSide; ++p) {
      const int y = p / kSide, x = p % kSide;
      const bool bright = (y < kSide / 2) == (label < 2) && (x < kSide / 2) == (label % 2 == 0);
      const double noise = rng.uniform(std::uint64_t(i) * kSide * kSide + std::uint64_t(p));
      pixels.push_back(std::uint8_t(noise * 150 + (bright ? 60 : 0)));
    }
  }
  write_idx(folder / (name + "-images-idx3-ubyte"), {count, kSide, kSide}, pixels);
  write_idx(folder / (name + "-labels-idx1-ubyte"), {count}, labels);
}

}  // namespace

void write_idx(const fs::path& path, const std::vector<int>& sizes,
               const std::vector<std::uint8_t>& values) {
  std::vector<std::uint8_t> bytes = {0, 0, 8, std::uint8_t(sizes.size())};
  for (const int size : sizes) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(std::uint8_t(size >> shift));
  }
  bytes.insert(bytes.end(), values.begin(), values.end());
  write_file_atomic(path, bytes);
}

void write_tiny_data(const fs::path& folder) {
  write_split(folder, "train", 80, 1);
  write_split(folder, "t10k", 40, 2);
}

std::string tiny_experiment(const fs::path& data) {
  return "name = \"tiny\"\nseed = 3\nthreads = 1\n[data]\ndir = \"" + data.string() +
         "\"\n[model]\nkernels = 2\ndense = 4\n[train]\nbatch = 16\nepochs = 1\n[search]\n"
         "n_iter = 2\ncv = 2\n[search.space]\n\"model.kernels\" = [2, 3]\n";
}

void write_small_data(const fs::path& folder) {
  write_split(folder, "train", 800, 1);
  write_split(folder, "t10k", 200, 2);
}

std::string small_experiment(const fs::path& data) {
  return "name = \"small\"\nseed = 3\nthreads = 1\n[data]\ndir = \"" + data.string() +
         "\"\n[model]\nkernels = 8\ndense = 16\n[train]\nbatch = 32\n[first]\nepochs = 4\n"
         "[search]\nn_iter = 4\ncv = 3\nrandom_state = 5\nepochs = 3\n[search.space]\n"
         "\"model.kernels\" = [4, 8, 12]\n\"model.dropout\" = [0.1, 0.3, 0.5]\n[final]\nepochs = "
         "5\n";
}

std::string without_times(const fs::path& csv) {
  std::istringstream lines(read_text(csv));
  std::string out;
  std::vector<bool> kept;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == ',' && !quoted) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (kept.empty()) {
      for (const std::string& cell : cells) kept.push_back(cell.find("_time") == std::string::npos);
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (kept.at(i)) out += cells[i] + ";";
    }
    out += "\n";
  }
  return out;
}

}  // namespace tailor::internal::e2e
