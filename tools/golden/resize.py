"""Writes tests/golden/resize.txt: what Pillow makes of noise, resized 1,300 times.

    /usr/bin/python3 tools/golden/resize.py > tests/golden/resize.txt

A line each: N FIT FILTER CHANNELS HEIGHT WIDTH NEW-HEIGHT NEW-WIDTH CRC32. Byte i of a picture in
line N is the upper byte of state i + 1 of x -> 1664525 x + 1013904223 (mod 2^32) from x = N. The
background of pad is (200, 100, 50), 123 in gray.
"""

import random
import zlib

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"box": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def noise(seed, count):
    states = np.empty(count, np.uint64)
    x = seed
    for i in range(count):
        x = (1664525 * x + 1013904223) % 2**32
        states[i] = x
    return (states >> 24).astype(np.uint8)


def side(draw):
    return draw.choice([1, 2, 3, draw.randint(1, 12), draw.randint(1, 90), draw.randint(20, 250)])


draw = random.Random(16)
for n in range(1300):
    fit = "stretch" if n < 1000 else draw.choice(["pad", "crop"])
    name = draw.choice(list(FILTERS))
    channels = draw.choice([1, 3])
    height, width, new_height, new_width = (side(draw) for _ in range(4))
    if n % 20 == 0:
        new_height = height
    if n % 20 == 1:
        new_width = width
    pixels = noise(n, height * width * channels).reshape(height, width, channels)
    image = Image.fromarray(pixels.squeeze(-1) if channels == 1 else pixels)
    size = (new_width, new_height)
    try:
        if fit == "pad":
            colour = 123 if channels == 1 else (200, 100, 50)
            out = ImageOps.pad(image, size, FILTERS[name], colour)
        elif fit == "crop":
            out = ImageOps.fit(image, size, FILTERS[name])
        else:
            out = image.resize(size, FILTERS[name])
    except ValueError:  # a side of 0 pixels
        continue
    crc = zlib.crc32(np.ascontiguousarray(np.asarray(out)))
    print(n, fit, name, channels, height, width, new_height, new_width, f"{crc:08x}")
