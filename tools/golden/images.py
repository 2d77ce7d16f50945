"""Writes tests/golden/images/: small PNG and JPEG files of every kind, and expected.txt with what
they should read as.

    python tools/golden/images.py tests/golden/images

expected.txt: one line a file and number of channels: NAME CHANNELS HEIGHT WIDTH HEX-PIXELS.
"""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
HEIGHT, WIDTH = 11, 13
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
gray = ((x * 19 + y * 7) % 256).astype(np.uint8)
rgb = np.stack([gray, (255 - x * 15), (y * 20 + x) % 256], axis=-1).astype(np.uint8)
alpha = ((x * 20 + y * 3) % 256).astype(np.uint8)
expected = []


def luma(image):
    return np.asarray(Image.fromarray(image, "RGB").convert("L"))


def over_white(image, a):
    a = a.astype(int)
    a = a[..., None] if image.ndim == 3 else a
    return ((image.astype(int) * a + 255 * (255 - a) + 127) // 255).astype(np.uint8)


def expect(name, image):
    color = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=-1)
    single = luma(image) if image.ndim == 3 else image
    height, width = single.shape
    expected.append(f"{name} 1 {height} {width} {single.tobytes().hex()}")
    expected.append(f"{name} 3 {height} {width} {color.tobytes().hex()}")


def save(name, image, truth, **options):
    image.save(folder / name, **options)
    expect(name, truth)


def write_png(name, color_type, depth, passes, extra=()):
    """A PNG made by hand: `passes` are arrays of raw rows (without filter bytes)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + row.tobytes() for rows in passes for row in rows)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color_type, 0, 0, int(len(passes) > 1))
    body = b"".join(chunk(kind, data) for kind, data in extra)
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", zlib.compress(raw, 9))
        + chunk(b"IEND", b"")
    )


ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
         (1, 0, 2, 1)]

save("gray.png", Image.fromarray(gray), gray)
save("rgb.png", Image.fromarray(rgb), rgb)
save("rgba.png", Image.fromarray(np.dstack([rgb, alpha])), over_white(rgb, alpha))
save("gray_alpha.png", Image.fromarray(np.dstack([gray, alpha]), "LA"), over_white(gray, alpha))
save("one_bit.png", Image.fromarray(gray > 99), np.where(gray > 99, 255, 0).astype(np.uint8))
palette = Image.fromarray(rgb).quantize(16)
save("palette.png", palette, np.asarray(palette.convert("RGB")))
opaque = (np.asarray(palette) != 3).astype(np.uint8) * 255
save("palette_transparent.png",
     palette,
     over_white(np.asarray(palette.convert("RGB")), opaque),
     transparency=3)
wide = (gray.astype(np.uint32) * 257 + x * 5).clip(0, 65535)
write_png("gray16.png", 0, 16, [wide.astype(">u2")])
expect("gray16.png", np.round(wide * 255 / 65535).astype(np.uint8))
write_png("gamma.png", 0, 8, [gray], extra=[(b"gAMA", struct.pack(">I", 100000))])
expect("gamma.png", gray)
write_png("interlaced.png", 2, 8, [
    rgb[y0::dy, x0::dx].reshape(len(rgb[y0::dy]), -1)
    for y0, x0, dy, dx in ADAM7
    if rgb[y0::dy, x0::dx].size
])
expect("interlaced.png", rgb)

for name, image, options in (
    ("gray.jpg", Image.fromarray(gray), {}),
    ("rgb.jpg", Image.fromarray(rgb), {"quality": 95}),
    ("progressive.jpg", Image.fromarray(rgb), {"progressive": True}),
):
    image.save(folder / name, **options)
    expect(name, np.asarray(Image.open(folder / name)))
Image.fromarray(rgb).convert("CMYK").save(folder / "cmyk.jpg")
(folder / "expected.txt").write_text("\n".join(expected) + "\n")
