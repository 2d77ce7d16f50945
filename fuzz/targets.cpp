#include "fuzz/targets.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/data/byte_source.hpp"
#include "tailor/data/idx.hpp"
#include "tailor/data/readers/source.hpp"
#include "tailor/data/ready_part.hpp"
#include "tailor/formats/image.hpp"
#include "tailor/formats/safetensors.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/store/sqlite.hpp"
#include "tailor/store/store.hpp"
#include "tailor/study/experiment/experiment.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal::fuzz {
namespace {

namespace fs = std::filesystem;

using Bytes = std::span<const std::uint8_t>;

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The bytes as a file in memory, the same one each time, for readers that take a path.
fs::path file_of(Bytes bytes) {
  static const fs::path folder = [] {
    const fs::path shared = "/dev/shm";
    const fs::path here = fs::is_directory(shared) ? shared : fs::temp_directory_path();
    return here / ("tailor-fuzz-" + std::to_string(::getpid()));
  }();
  fs::create_directories(folder);
  for (const char* left : {"input-wal", "input-shm", "input-journal"}) fs::remove(folder / left);
  const fs::path path = folder / "input";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
  return path;
}

// What is read and written again must be read as the same.
void expect_equal(const std::string& first, const std::string& again) {
  if (first != again) throw std::logic_error("differs when read again:\n" + first + "\n" + again);
}

void idx(Bytes bytes) {
  const fs::path file = file_of(bytes);
  const std::vector<int> dims = read_idx_dims(file);
  if (read_idx(file).dims != dims) throw std::logic_error("two readers see other sizes");
}

void gzip(Bytes bytes) {
  constexpr std::size_t kMost = std::size_t(64) << 20;  // a bomb is read up to here
  ByteSource source(file_of(bytes));
  std::vector<std::uint8_t> piece(std::size_t(1) << 16);
  std::size_t all = 0;
  while (all < kMost) {
    const std::size_t got = source.read(piece);
    all += got;
    if (got < piece.size()) return;
  }
}

void picture(Bytes bytes) {
  for (const int channels : {1, 3}) {
    const Image image = decode_image(bytes, channels, "input");
    const auto pixels = std::size_t(image.height) * std::size_t(image.width);
    if (image.channels != channels || image.pixels.size() != pixels * std::size_t(channels)) {
      throw std::logic_error("an image of another size than it says");
    }
  }
}

void read_all(const Source& source) {
  for (const auto& [split, read] : source.parts) read();
}

void table(Bytes bytes) {
  const fs::path csv = file_of(bytes).string() + ".csv";
  fs::rename(file_of(bytes), csv);
  if (const Recognised found = open_tables(csv, {})) read_all(*found);
}

void archive(Bytes bytes) {
  if (const Recognised found = open_npz(file_of(bytes))) read_all(*found);
}

void ready(Bytes bytes) {
  const auto part = map_ready_file(file_of(bytes));
  if (part && part->set.pixels.size() != part->set.size() * part->set.shape.size()) {
    throw std::logic_error("ready images of another size than they say");
  }
}

void safetensors(Bytes bytes) {
  encode_safetensors(decode_safetensors(bytes, "input"));
}

void model(Bytes bytes) {
  open_model(file_of(bytes));
}

void experiment(Bytes bytes) {
  const std::string effective = to_toml(parse_experiment(text_of(bytes), "input"));
  expect_equal(effective, to_toml(parse_experiment(effective, "again")));
}

void set(Bytes bytes) {
  Experiment experiment;
  apply_text(experiment, text_of(bytes));
  const std::string effective = to_toml(experiment);
  expect_equal(effective, to_toml(parse_experiment(effective, "again")));
}

void kernels(Bytes bytes) {
  static const CpuInfo cpu = cpu_info();
  to_toml(parse_kernel_choices(text_of(bytes), "input", cpu), cpu);
}

void metrics(Bytes bytes) {
  const Metrics read = read_metrics(file_of(bytes));
  result_rows(read);
  to_json(read);
}

void timings(Bytes bytes) {
  const RunTimings read = read_timings(file_of(bytes));
  read.total_seconds();
  to_json(read);
}

void history(Bytes bytes) {
  const std::string written = history_csv(parse_history_csv(text_of(bytes), "input"));
  expect_equal(written, history_csv(parse_history_csv(written, "again")));
}

void study(Bytes bytes) {
  read_study(sqlite_url(file_of(bytes)));
}

// A reader says no with an Error.
template <Target kRead>
void may_refuse(Bytes bytes) {
  try {
    kRead(bytes);
  } catch (const Error&) {
  }
}

constexpr NamedTarget kTargets[] = {
    {"idx", may_refuse<idx>},
    {"gzip", may_refuse<gzip>},
    {"png", may_refuse<picture>},
    {"jpeg", may_refuse<picture>},
    {"webp", may_refuse<picture>},
    {"tiff", may_refuse<picture>},
    {"gif", may_refuse<picture>},
    {"bmp", may_refuse<picture>},
    {"netpbm", may_refuse<picture>},
    {"table", may_refuse<table>},
    {"archive", may_refuse<archive>},
    {"ready", may_refuse<ready>},
    {"safetensors", may_refuse<safetensors>},
    {"model", may_refuse<model>},
    {"experiment", may_refuse<experiment>},
    {"set", may_refuse<set>},
    {"kernels", may_refuse<kernels>},
    {"metrics", may_refuse<metrics>},
    {"timings", may_refuse<timings>},
    {"history", may_refuse<history>},
    {"study", may_refuse<study>},
};

}  // namespace

std::span<const NamedTarget> targets() {
  return kTargets;
}

}  // namespace tailor::internal::fuzz
