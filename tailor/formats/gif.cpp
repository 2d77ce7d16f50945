#include "tailor/formats/gif.hpp"

#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"

namespace tailor::internal {
namespace {

constexpr int kMostPixelsAcross = 65'535;  // the format counts in 16 bits
constexpr int kShortestDelay = 2;          // hundredths; browsers play anything shorter at 10

struct FreeColours {
  void operator()(ColorMapObject* colours) const { GifFreeMapObject(colours); }
};
using Colours = std::unique_ptr<ColorMapObject, FreeColours>;

struct CloseGif {
  void operator()(GifFileType* gif) const { EGifCloseFile(gif, nullptr); }
};

struct Rectangle {
  int left = 0, top = 0, width = 0, height = 0;
};

int take_bytes(GifFileType* gif, const GifByteType* data, int count) {
  auto& bytes = *static_cast<std::vector<std::uint8_t>*>(gif->UserData);
  return append(bytes, data, std::size_t(count)) ? count : 0;
}

void require(int status, const GifFileType* gif) {
  if (status != GIF_OK) {
    const char* reason = GifErrorString(gif->Error);
    throw failure(fmt::format("cannot write the GIF: {}", reason ? reason : "unknown error"));
  }
}

// The smallest rectangle around the pixels that differ; one pixel when none does, because a frame
// needs something to carry its time.
Rectangle changed(const std::vector<std::uint8_t>& before, const std::vector<std::uint8_t>& after,
                  int width, int height) {
  int left = width, right = -1, top = height, bottom = -1;
  for (int y = 0; y < height; ++y) {
    const auto* old_row = before.data() + std::size_t(y) * std::size_t(width);
    const auto* new_row = after.data() + std::size_t(y) * std::size_t(width);
    const int first = int(std::mismatch(old_row, old_row + width, new_row).first - old_row);
    if (first == width) continue;
    int last = width - 1;
    while (old_row[last] == new_row[last]) --last;
    left = std::min(left, first);
    right = std::max(right, last);
    top = std::min(top, y);
    bottom = y;
  }
  if (right < 0) return {0, 0, 1, 1};
  return {left, top, right - left + 1, bottom - top + 1};
}

class Writer {
 public:
  explicit Writer(const GifOptions& options) : options_(options) {
    int error = 0;
    gif_.reset(EGifOpen(&bytes_, take_bytes, &error));
    if (!gif_) throw failure("cannot start giflib: out of memory");
    start();
  }

  // `before` is what stands on the screen.
  void add(const GifFrame& frame, const GifFrame* before) {
    put_control(frame.delay_ms, before != nullptr);
    const Rectangle area =
        before ? changed(before->pixels, frame.pixels, options_.width, options_.height)
               : Rectangle{0, 0, options_.width, options_.height};
    require(
        EGifPutImageDesc(gif_.get(), area.left, area.top, area.width, area.height, false, nullptr),
        gif_.get());
    std::vector<GifPixelType> line(std::size_t(area.width));
    for (int y = area.top; y < area.top + area.height; ++y) {
      const std::size_t at = std::size_t(y) * std::size_t(options_.width) + std::size_t(area.left);
      for (std::size_t x = 0; x < line.size(); ++x) {
        const std::uint8_t now = frame.pixels[at + x];
        line[x] = before && before->pixels[at + x] == now ? as_before() : now;
      }
      require(EGifPutLine(gif_.get(), line.data(), area.width), gif_.get());
    }
  }

  std::vector<std::uint8_t> finish() {
    int error = 0;
    if (EGifCloseFile(gif_.release(), &error) != GIF_OK) {
      throw failure(fmt::format("cannot finish the GIF: error {}", error));
    }
    return std::move(bytes_);
  }

 private:
  std::uint8_t as_before() const { return std::uint8_t(options_.palette.size()); }

  void start() {
    const int bits = std::max(1, GifBitSize(int(options_.palette.size()) + 1));
    const Colours colours(GifMakeMapObject(1 << bits, nullptr));
    if (!colours) throw failure("cannot start giflib: out of memory");
    for (std::size_t i = 0; i < options_.palette.size(); ++i) {
      const auto& [red, green, blue] = options_.palette[i];
      colours->Colors[i] = {red, green, blue};
    }
    EGifSetGifVersion(gif_.get(), true);
    require(EGifPutScreenDesc(gif_.get(), options_.width, options_.height, 8, 0, colours.get()),
            gif_.get());
    if (options_.loop) put_endless_loop();
  }

  void put_endless_loop() {
    const std::array<std::uint8_t, 3> forever = {1, 0, 0};
    require(EGifPutExtensionLeader(gif_.get(), APPLICATION_EXT_FUNC_CODE), gif_.get());
    require(EGifPutExtensionBlock(gif_.get(), 11, "NETSCAPE2.0"), gif_.get());
    require(EGifPutExtensionBlock(gif_.get(), int(forever.size()), forever.data()), gif_.get());
    require(EGifPutExtensionTrailer(gif_.get()), gif_.get());
  }

  void put_control(int delay_ms, bool shows_through) {
    GraphicsControlBlock control{};
    control.DisposalMode = DISPOSE_DO_NOT;
    control.DelayTime = std::clamp((delay_ms + 5) / 10, kShortestDelay, 65'535);
    control.TransparentColor = shows_through ? as_before() : NO_TRANSPARENT_COLOR;
    std::array<GifByteType, 4> bytes{};
    const std::size_t count = EGifGCBToExtension(&control, bytes.data());
    require(EGifPutExtension(gif_.get(), GRAPHICS_EXT_FUNC_CODE, int(count), bytes.data()),
            gif_.get());
  }

  const GifOptions& options_;
  std::vector<std::uint8_t> bytes_;
  std::unique_ptr<GifFileType, CloseGif> gif_;
};

void check(const std::vector<GifFrame>& frames, const GifOptions& options) {
  if (options.width < 1 || options.height < 1 || options.width > kMostPixelsAcross ||
      options.height > kMostPixelsAcross) {
    throw bad_input(fmt::format("a GIF is 1 to {} pixels wide and high, not {}x{}",
                                kMostPixelsAcross, options.width, options.height));
  }
  if (options.palette.size() < 2 || options.palette.size() > 255) {
    throw bad_input(
        fmt::format("a GIF's palette has 2 to 255 colours, not {}", options.palette.size()));
  }
  if (frames.empty()) throw bad_input("a GIF needs at least one frame");
  const std::size_t pixels = std::size_t(options.width) * std::size_t(options.height);
  for (const GifFrame& frame : frames) {
    if (frame.pixels.size() != pixels) {
      throw bad_input(
          fmt::format("a GIF's frame has {} pixels instead of {}", frame.pixels.size(), pixels));
    }
    if (*std::max_element(frame.pixels.begin(), frame.pixels.end()) >= options.palette.size()) {
      throw bad_input("a GIF's frame has a pixel that is not in the palette");
    }
  }
}

}  // namespace

std::vector<std::uint8_t> encode_gif(const std::vector<GifFrame>& frames,
                                     const GifOptions& options) {
  check(frames, options);
  Writer writer(options);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    writer.add(frames[i], i > 0 ? &frames[i - 1] : nullptr);
  }
  return writer.finish();
}

}  // namespace tailor::internal
