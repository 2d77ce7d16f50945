"""Writes tests/golden/pictures/: small pictures of every format and mode, and expected.txt with
what Pillow, as Debian 12 packages it (9.4.0, the same libjpeg), makes of them.

    /usr/bin/python3 tools/golden/pictures.py tests/golden/pictures

expected.txt: a line for each file and number of channels: NAME CHANNELS HEIGHT WIDTH CRC32 of the
pixels over a background of (200, 100, 50). The two lines that the documentation gives:

    im = ImageOps.exif_transpose(Image.open(file)).convert("RGBA")
    im = Image.alpha_composite(Image.new("RGBA", im.size, background), im).convert("RGB")
"""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
BACKGROUND = (200, 100, 50)
HEIGHT, WIDTH = 21, 30
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
gray = ((x * 9 + y * 11) % 256).astype(np.uint8)
rgb = np.stack([gray, 255 - x * 8, (y * 12 + x) % 256], axis=-1).astype(np.uint8)
alpha = ((x * 9 + y * 5) % 256).astype(np.uint8)
rgba = np.dstack([rgb, alpha])
la = np.dstack([gray, alpha])
expected = []


def expect(name, pixels):
    data = np.ascontiguousarray(pixels)
    channels = 3 if data.ndim == 3 else 1
    expected.append(f"{name} {channels} {data.shape[0]} {data.shape[1]} {zlib.crc32(data):08x}")


def two_lines(file):
    im = ImageOps.exif_transpose(Image.open(file)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", im.size, BACKGROUND + (255,)), im).convert("RGB")


def as_pillow(name):
    im = two_lines(folder / name)
    expect(name, np.asarray(im))
    expect(name, np.asarray(im.convert("L")))


def save(name, image, **options):
    image.save(folder / name, **options)
    as_pillow(name)


def exif(orientation, big):
    head = b"MM\0*\0\0\0\x08" if big else b"II*\0\x08\0\0\0"
    order = ">" if big else "<"
    entries = struct.pack(order + "H", 2)
    entries += struct.pack(order + "HHI4s", 271, 2, 3, b"Me\0\0")
    entries += struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + entries + struct.pack(order + "I", 0)


L, LA, RGB, RGBA = (Image.fromarray(a, m) for a, m in
                    ((gray, "L"), (la, "LA"), (rgb, "RGB"), (rgba, "RGBA")))
palette = RGB.quantize(7)
for suffix in ("png", "jpg", "webp", "tif"):
    options = {"jpg": {"quality": 90}, "webp": {"lossless": True}}.get(suffix, {})
    save(f"rgb.{suffix}", RGB, **options)
for name, image in (("gray", L), ("rgb", RGB)):
    save(f"{name}.bmp", image)
for name, image in (("gray", L), ("gray_alpha", LA), ("rgba", RGBA), ("palette", palette)):
    save(f"{name}.png", image)
    save(f"{name}.tif", image)
save("rgba.webp", RGBA, lossless=True)
save("lossy.webp", RGB, quality=80)
save("one_bit.png", L.convert("1"))
save("one_bit.tif", L.convert("1"), compression="group4")
save("one_bit.bmp", L.convert("1"))
save("palette.bmp", palette)
save("palette.gif", palette)
save("transparent.gif", palette, transparency=3)
save("transparent.png", palette, transparency=3)
save("transparent_gray.png", L, transparency=90)
save("transparent_rgb.png", RGB, transparency=tuple(int(v) for v in rgb[3, 4]))
save("interlaced.gif", palette, interlace=1)
save("cmyk.jpg", RGB.convert("CMYK"), quality=90)
save("gray.jpg", L, quality=90)
save("progressive.jpg", RGB, quality=90, progressive=True)
save("full_colour.jpg", RGB, quality=90, subsampling=0)
for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
    save(f"{compression}.tif", RGB, compression=compression)
for name, image, mode in (("gray.pgm", L, None), ("rgb.ppm", RGB, None),
                          ("one_bit.pbm", L.convert("1"), None)):
    save(name, image)
for orientation in range(1, 9):
    for suffix, image, options in (("jpg", RGB, {"quality": 90}), ("png", RGB, {}),
                                   ("webp", RGB, {"lossless": True})):
        save(f"turned{orientation}.{suffix}", image,
             exif=exif(orientation, orientation % 2 == 0), **options)
    name = f"turned{orientation}.tif"  # Pillow 9.4 leaves a TIFF as it lies
    RGB.save(folder / name, tiffinfo={274: orientation})
    upright = two_lines(folder / f"turned{orientation}.png")
    expect(name, np.asarray(upright))
    expect(name, np.asarray(upright.convert("L")))
frames = [RGB, Image.new("RGB", RGB.size, (9, 9, 9))]
save("animated.gif", frames[0].quantize(16), save_all=True, append_images=[frames[1].quantize(16)])
save("animated.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
save("pages.tif", frames[0], save_all=True, append_images=frames[1:])

# What Pillow clips or cuts, by the formula: round(v / 257).
deep = (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) * 97 + 12345) % 65536
shrunk = ((deep + 128) // 257).astype(np.uint8)
for suffix in ("png", "tif"):
    Image.fromarray(deep.astype(np.uint16)).save(folder / f"gray16.{suffix}")
    expect(f"gray16.{suffix}", shrunk)
    expect(f"gray16.{suffix}", np.repeat(shrunk[..., None], 3, axis=-1))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png(name, colour_type, channels):
    values = np.stack([(deep * (c + 1)) % 65536 for c in range(channels)], axis=-1)
    raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" +
        chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, colour_type, 0, 0, 0)) +
        chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
    eight = ((values + 128) // 257).astype(np.uint8)
    if channels == 4:
        image = Image.fromarray(eight, "RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, BACKGROUND + (255,)), image)
        eight = np.asarray(image.convert("RGB"))
    expect(name, eight)


deep_png("rgb16.png", 2, 3)
deep_png("rgba16.png", 6, 4)

# A plain PGM, one with a comment and its own white, two bytes a value.
(folder / "plain.pgm").write_text("P2\n# by hand\n3 2\n100\n0 50 100\n7 99 1\n")
scale = np.array([[0, 50, 100], [7, 99, 1]])
expect("plain.pgm", np.round(scale * 2.55 + 1e-9).astype(np.uint8))
(folder / "deep.pgm").write_bytes(b"P5 3 1 65535\n" + struct.pack(">HHH", 0, 32896, 65535))
expect("deep.pgm", np.array([[0, 128, 255]], np.uint8))
(folder / "plain.pbm").write_text("P1 4 1\n0110\n")
expect("plain.pbm", np.array([[255, 0, 0, 255]], np.uint8))

# BMP of 16 and 32 bits with masks, runs, rows from the top.


def bmp(name, bits, packing, body, masks=(), height=2, width=4, colours=()):
    head = 40 + 4 * len(masks)
    start = 14 + head + 4 * len(colours)
    data = b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start)
    data += struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, len(body), 0, 0,
                        len(colours), 0)
    data += struct.pack(f"<{len(masks)}I", *masks)
    data += b"".join(bytes((b, g, r, 0)) for r, g, b in colours) + body
    (folder / name).write_bytes(data)


small = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]],
                  [[8, 16, 24], [0, 0, 0], [99, 132, 165], [255, 0, 255]]], np.uint8)
words = [(r >> 3 << 11) | (g >> 2 << 5) | b >> 3 for r, g, b in small[::-1].reshape(-1, 3).tolist()]
bmp("masks565.bmp", 16, 3, struct.pack("<8H", *words), (0xf800, 0x07e0, 0x001f))
wide = [((w >> 11) * 255 // 31, (w >> 5 & 63) * 255 // 63, (w & 31) * 255 // 31) for w in words]
expect("masks565.bmp", np.array(wide, np.uint8).reshape(2, 4, 3)[::-1])
bmp("top.bmp", 32, 0, b"".join(bytes((b, g, r, 7)) for r, g, b in small.reshape(-1, 3).tolist()),
    height=-2)
expect("top.bmp", small)
colours = [(1, 2, 3), (200, 100, 0), (9, 255, 9)]
runs = bytes((3, 1, 1, 2, 0, 0, 0, 4, 2, 1, 0, 1, 0, 1))
bmp("runs.bmp", 8, 1, runs, colours=colours)
expect("runs.bmp", np.array(colours, np.uint8)[np.array([[2, 1, 0, 1], [1, 1, 1, 2]])])

(folder / "expected.txt").write_text("\n".join(expected) + "\n")
