#include "tailor/data/ready_part.hpp"

#include <cstring>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/sizes.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kMagic = "tailor ready 2\n";
constexpr std::size_t kPage = 4096;  // the pixels begin on one of their own
constexpr std::uint64_t kMostBytes = std::uint64_t(1) << 46;

struct Header {
  char magic[16];
  std::uint64_t images, height, width, channels;
  std::uint64_t groups;  // of the images that have one: all or none
  std::uint64_t text;    // bytes of all texts
  char digest[64];       // SHA-256 of what stands behind the pixels, in hex
};
static_assert(sizeof(Header) < kPage);

// Every text ends with a zero, which none of them has inside (paths and names have none).
void append_text(std::string& all, std::string_view text) {
  all.append(text);
  all.push_back('\0');
}

std::string texts_of(const ReadyPart& part) {
  std::string all;
  append_text(all, part.fingerprint);
  for (const auto* list : {&part.set.class_names, &part.files}) {
    append_text(all, std::to_string(list->size()));
    for (const std::string& text : *list) append_text(all, text);
  }
  append_text(all, std::to_string(part.bad.size()));
  for (const BadFile& bad : part.bad) {
    append_text(all, bad.path);
    append_text(all, bad.reason);
  }
  return all;
}

class Texts {
 public:
  explicit Texts(std::string_view all) : rest_(all) {}

  std::string next() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) throw bad_input("cut short");
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::size_t count() {
    const std::string text = next();
    if (text.empty() || text.size() > 10 ||
        text.find_first_not_of("0123456789") != std::string::npos) {
      throw bad_input("no count");
    }
    return std::size_t(std::stoull(text));
  }
  std::vector<std::string> list() {
    std::vector<std::string> texts;
    for (std::size_t left = count(); left > 0; --left) texts.push_back(next());
    return texts;
  }

 private:
  std::string_view rest_;
};

ReadyPart read_ready(const std::shared_ptr<const void>& keeper,
                     std::span<const std::uint8_t> bytes) {
  Header header;
  if (bytes.size() < kPage) throw bad_input("cut short");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic, kMagic.size()) != kMagic) throw bad_input("another format");
  const std::uint64_t sides[] = {header.images, header.height, header.width, header.channels};
  const std::uint64_t pixels = product_up_to(kMostBytes, sides);
  const bool grouped = header.groups == header.images;
  if (header.groups > header.images || header.images > kMostBytes || header.text > kMostBytes ||
      header.height > 0x7fffffff || header.width > 0x7fffffff ||
      bytes.size() != kPage + pixels + header.images * (grouped ? 6 : 2) + header.text) {
    throw bad_input("of another size");
  }
  ReadyPart part;
  part.set.shape = {int(header.channels), int(header.height), int(header.width)};
  part.set.pixels = PixelBytes(keeper, bytes.subspan(kPage, pixels));
  part.set.labels.resize(header.images);
  const std::span<const std::uint8_t> behind = bytes.subspan(kPage + pixels);
  if (sha256_hex(behind) != std::string_view(header.digest, sizeof header.digest)) {
    throw bad_input("changed");
  }
  const std::uint8_t* at = behind.data();
  std::memcpy(part.set.labels.data(), at, 2 * header.images);
  at += 2 * header.images;
  if (grouped) {
    part.set.groups.resize(header.images);
    std::memcpy(part.set.groups.data(), at, 4 * header.images);
    at += 4 * header.images;
  }
  Texts texts({reinterpret_cast<const char*>(at), header.text});
  part.fingerprint = texts.next();
  part.set.class_names = texts.list();
  part.files = texts.list();
  for (std::size_t left = texts.count(); left > 0; --left) {
    BadFile& bad = part.bad.emplace_back();
    bad.path = texts.next();
    bad.reason = texts.next();
  }
  for (const Label label : part.set.labels) {
    if (label >= part.set.class_names.size()) throw bad_input("a label without a class");
  }
  return part;
}

}  // namespace

std::uint64_t bytes_of_ready_file(const ReadyPart& part, std::size_t count) {
  return kPage + count * (part.set.shape.size() + 6) + texts_of(part).size() + (1 << 16);
}

std::span<std::uint8_t> pixels_in(FileInTheMaking& file, std::size_t count, const Shape& shape) {
  return file.bytes().subspan(kPage, count * shape.size());
}

void finish_ready_file(FileInTheMaking& file, const ReadyPart& part) {
  const std::string texts = texts_of(part);
  Header header = {};
  std::memcpy(header.magic, kMagic.data(), kMagic.size());
  header.images = part.set.labels.size();
  header.height = std::uint64_t(part.set.shape.height);
  header.width = std::uint64_t(part.set.shape.width);
  header.channels = std::uint64_t(part.set.shape.channels);
  header.groups = part.set.groups.size();
  header.text = texts.size();
  const std::size_t pixels = header.images * part.set.shape.size();
  const std::size_t groups = 4 * header.groups, labels = 2 * header.images;
  const std::size_t size = kPage + pixels + labels + groups + texts.size();
  if (size > file.bytes().size()) throw failure("a file of ready images has too little room");
  std::uint8_t* at = file.bytes().data() + kPage + pixels;
  std::memcpy(at, part.set.labels.data(), labels);
  std::memcpy(at + labels, part.set.groups.data(), groups);
  std::memcpy(at + labels + groups, texts.data(), texts.size());
  const std::string digest = sha256_hex({at, labels + groups + texts.size()});
  std::memcpy(header.digest, digest.data(), sizeof header.digest);
  std::memcpy(file.bytes().data(), &header, sizeof header);
  file.finish(size);
}

std::optional<ReadyPart> map_ready_file(const std::filesystem::path& path) {
  try {
    if (!is_file(path)) return std::nullopt;
    std::span<const std::uint8_t> bytes;
    const std::shared_ptr<const void> keeper = map_file(path, bytes);
    return read_ready(keeper, bytes);
  } catch (const Error&) {  // another version's, or somebody else's: made again
    return std::nullopt;
  }
}

}  // namespace tailor::internal
