#include "tailor/report/picture/text_raster.hpp"

#include <ft2build.h>
#include <gif_lib.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <array>

namespace tailor::internal {
namespace {

constexpr char32_t kUnknownLetter = 0xfffd;
constexpr char32_t kEllipsis = 0x2026;

// Continuation bytes that follow a lead byte; -1 for a byte that cannot lead.
int continuations(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead < 0xe0) return 1;
  if (lead >= 0xe0 && lead < 0xf0) return 2;
  if (lead >= 0xf0 && lead < 0xf5) return 3;
  return -1;
}

std::u32string letters_of(std::string_view text) {
  std::u32string letters;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = continuations(lead);
    char32_t letter = more <= 0 ? lead : lead & (0x3fu >> more);
    int read = 0;
    for (; read < more && i < text.size() && (text[i] & 0xc0) == 0x80; ++read) {
      letter = letter << 6 | (text[i++] & 0x3fu);
    }
    if (read != more) letter = kUnknownLetter;
    letters += letter < 0x20 || (letter >= 0x7f && letter < 0xa0) ? U' ' : letter;
  }
  return letters;
}

void append_utf8(std::string& out, char32_t letter) {
  const auto tail = [&](int shift) { out += char(0x80 | (letter >> shift & 0x3f)); };
  if (letter < 0x80) {
    out += char(letter);
  } else if (letter < 0x800) {
    out += char(0xc0 | letter >> 6);
    tail(0);
  } else if (letter < 0x10000) {
    out += char(0xe0 | letter >> 12);
    tail(6), tail(0);
  } else {
    out += char(0xf0 | letter >> 18);
    tail(12), tail(6), tail(0);
  }
}

// giflib's letters: 8 rows of 8 bits each, enlarged by whole numbers.
constexpr int kSmallCell = 8;

int enlargement(int size) {
  return std::max(1, (size + 4) / 10);
}

void draw_small_letter(Canvas& canvas, int left, int baseline, char32_t letter,
                       const TextStyle& style) {
  const std::size_t code = letter < 0x7f ? letter : U'?';
  const int n = enlargement(style.size);
  for (int row = 0; row < kSmallCell; ++row) {
    for (int column = 0; column < kSmallCell; ++column) {
      if ((GifAsciiTable8x8[code][row] >> (kSmallCell - 1 - column) & 1) == 0) continue;
      canvas.fill({left + column * n, baseline - (kSmallCell - 1 - row) * n, n, n}, style.colour);
    }
  }
}

}  // namespace

const std::vector<std::filesystem::path>& font_folders() {
  static const std::vector<std::filesystem::path> folders = {
      "/usr/share/fonts/truetype/dejavu",    // Debian, Ubuntu
      "/usr/share/fonts/dejavu-sans-fonts",  // Fedora
      "/usr/share/fonts/TTF",                // Arch
      "/usr/share/fonts/dejavu",             // Alpine
  };
  return folders;
}

struct TextRaster::Faces {
  FT_Library library = nullptr;
  std::array<FT_Face, 2> faces = {};  // regular, bold

  explicit Faces(const std::vector<std::filesystem::path>& folders) {
    if (FT_Init_FreeType(&library) != 0) return;
    for (const auto& folder : folders) {
      if (open(folder / "DejaVuSans.ttf", 0) && open(folder / "DejaVuSans-Bold.ttf", 1)) return;
    }
    faces[0] = nullptr;
  }
  Faces(const Faces&) = delete;
  Faces& operator=(const Faces&) = delete;
  ~Faces() { FT_Done_FreeType(library); }  // and with it its faces

  bool open(const std::filesystem::path& file, std::size_t which) {
    return FT_New_Face(library, file.c_str(), 0, &faces[which]) == 0;
  }

  // The letter's outline, and its picture where asked for. nullptr for a broken font file.
  FT_GlyphSlot load(char32_t letter, const TextStyle& style, bool picture) const {
    const FT_Face face = faces[style.bold ? 1 : 0];
    FT_Set_Pixel_Sizes(face, 0, FT_UInt(style.size));
    const FT_Int32 flags = FT_LOAD_TARGET_LIGHT | (picture ? FT_LOAD_RENDER : FT_LOAD_DEFAULT);
    return FT_Load_Char(face, letter, flags) == 0 ? face->glyph : nullptr;
  }

  // In 64ths of a pixel.
  long advance(char32_t letter, const TextStyle& style) const {
    if (faces[0] == nullptr) return 64L * kSmallCell * enlargement(style.size);
    const FT_GlyphSlot glyph = load(letter, style, false);
    return glyph ? glyph->advance.x : 0;
  }
};

TextRaster::TextRaster(const std::vector<std::filesystem::path>& folders)
    : faces_(std::make_unique<Faces>(folders)) {}
TextRaster::~TextRaster() = default;

bool TextRaster::has_font() const {
  return faces_->faces[0] != nullptr;
}

int TextRaster::width(std::string_view text, const TextStyle& style) const {
  long sum = 0;
  for (const char32_t letter : letters_of(text)) sum += faces_->advance(letter, style);
  return int((sum + 63) / 64);
}

std::string TextRaster::shortened(std::string_view text, const TextStyle& style, int room) const {
  const std::u32string letters = letters_of(text);
  const char32_t mark = has_font() ? kEllipsis : U'~';
  const long limit = 64L * room;
  const long mark_width = faces_->advance(mark, style);
  long width = 0;
  std::size_t fitting = 0;  // letters that leave room for the mark
  for (const char32_t letter : letters) {
    width += faces_->advance(letter, style);
    if (width > limit) break;
    if (width + mark_width <= limit) ++fitting;
  }
  std::string out;
  const bool whole = width <= limit;
  for (const char32_t letter : letters.substr(0, whole ? letters.size() : fitting)) {
    append_utf8(out, letter);
  }
  if (!whole && mark_width <= limit) append_utf8(out, mark);
  return out;
}

void TextRaster::draw(Canvas& canvas, int left, int baseline, std::string_view text,
                      const TextStyle& style) const {
  long pen = 64L * left;
  for (const char32_t letter : letters_of(text)) {
    const int x = int(pen / 64);
    pen += faces_->advance(letter, style);
    if (!has_font()) {
      draw_small_letter(canvas, x, baseline, letter, style);
      continue;
    }
    const FT_GlyphSlot glyph = faces_->load(letter, style, true);
    if (glyph == nullptr) continue;
    const FT_Bitmap& bitmap = glyph->bitmap;
    for (int row = 0; row < int(bitmap.rows); ++row) {
      for (int column = 0; column < int(bitmap.width); ++column) {
        const int cover = bitmap.buffer[row * bitmap.pitch + column];
        canvas.blend(x + glyph->bitmap_left + column, baseline - glyph->bitmap_top + row,
                     style.colour, cover + cover / 128);
      }
    }
  }
}

}  // namespace tailor::internal
