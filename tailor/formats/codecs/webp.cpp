#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>
#include <new>

#include "tailor/core/error.hpp"
#include "tailor/formats/codecs/codecs.hpp"
#include "tailor/formats/exif.hpp"

namespace tailor::internal {
namespace {

struct WebpHeader {
  PictureHeader picture;
  bool alpha = false;
  bool animated = false;
};

Error broken_webp(const std::string& source) {
  return bad_input(fmt::format("{} is a broken or cut short WebP image", source));
}

int webp_orientation(std::span<const std::uint8_t> bytes) {
  const WebPData data = {bytes.data(), bytes.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSING_HEADER;
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(
      WebPDemuxPartial(&data, &state), WebPDemuxDelete);
  int orientation = 1;
  WebPChunkIterator chunk;
  if (demuxer && WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) != 0) {
    orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  return orientation;
}

WebpHeader read_webp(std::span<const std::uint8_t> bytes, const std::string& source) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK) {
    throw broken_webp(source);
  }
  return {{features.height, features.width, webp_orientation(bytes), false},  // 14 bits each
          features.has_alpha != 0,
          features.has_animation != 0};
}

PictureHeader webp_header(std::span<const std::uint8_t> bytes, const std::string& source) {
  return read_webp(bytes, source).picture;
}

void decode_first_frame(std::span<const std::uint8_t> bytes, const std::string& source,
                        Image& image) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) throw failure("another version of libwebpdemux");
  options.color_mode = MODE_RGBA;
  const WebPData data = {bytes.data(), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  std::uint8_t* canvas = nullptr;
  int until_ms = 0;
  if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &canvas, &until_ms) == 0) {
    throw broken_webp(source);
  }
  std::memcpy(image.pixels.data(), canvas, image.pixels.size());
}

// As WebPDecodeRGBAInto() does, which does not say why it fails.
void decode_still(std::span<const std::uint8_t> bytes, const std::string& source, Image& image) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) throw failure("another version of libwebp");
  config.output.colorspace = image.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {image.pixels.data(), image.width * image.channels, image.pixels.size()};
  const VP8StatusCode status = WebPDecode(bytes.data(), bytes.size(), &config);
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != VP8_STATUS_OK) throw broken_webp(source);
}

PictureHeader decode_webp(std::span<const std::uint8_t> bytes, const std::string& source,
                          Image& image) {
  const WebpHeader header = read_webp(bytes, source);
  const int channels = header.alpha || header.animated ? 4 : 3;
  shape_image(image, std::uint64_t(header.picture.width), std::uint64_t(header.picture.height),
              channels, source);
  if (header.animated) {
    decode_first_frame(bytes, source, image);
  } else {
    decode_still(bytes, source, image);
  }
  return header.picture;
}

}  // namespace

const Codec kWebp = {webp_header, decode_webp};

}  // namespace tailor::internal
