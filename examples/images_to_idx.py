#!/usr/bin/env python3
"""Turns a folder of pictures, one folder for each class, into the files that Tailor reads.

    pip install pillow numpy
    python3 images_to_idx.py PICTURES OUT [--size 32] [--grey] [--test 0.2]

PICTURES holds CLASS/*.jpg, or train/CLASS/*.jpg and test/CLASS/*.jpg; without a test folder every
fifth picture of a class (--test) becomes a test image. Each picture is cut to its middle square and
scaled to SIZE x SIZE. A file that is no picture is told and left out.
"""
import argparse
import pathlib
import random
import struct
import sys

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError


def read(path, size, mode):
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert(mode)
            return np.asarray(ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS))
    except (UnidentifiedImageError, OSError) as error:
        print(f"left out: {path}: {error}", file=sys.stderr)
        return None


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")


def write_idx(path, array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())


def write_split(out, name, labelled, size, mode):
    random.Random(0).shuffle(labelled)
    pictures = [(read(path, size, mode), label) for path, label in labelled]
    pictures = [(pixels, label) for pixels, label in pictures if pixels is not None]
    images = np.stack([pixels for pixels, _ in pictures])
    write_idx(out / f"{name}-images-idx{images.ndim}-ubyte", images)
    write_idx(out / f"{name}-labels-idx1-ubyte", np.array([label for _, label in pictures], "u1"))
    print(f"{name}: {len(images)} images")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--grey", action="store_true")
    parser.add_argument("--test", type=float, default=0.2, help="share of each class")
    flags = parser.parse_args()

    train_folder = flags.pictures / "train"
    has_test = train_folder.is_dir() and (flags.pictures / "test").is_dir()
    top = train_folder if has_test else flags.pictures
    names = sorted(folder.name for folder in top.iterdir()
                   if folder.is_dir() and folder.name[0] != ".")
    train, test = [], []
    for label, name in enumerate(names):
        files = [(path, label) for path in files_of(top / name)]
        if has_test:
            train += files
            test += [(path, label) for path in files_of(flags.pictures / "test" / name)]
        else:
            random.Random(label).shuffle(files)
            count = round(len(files) * flags.test)
            test += files[:count]
            train += files[count:]
    if not train or not test:
        sys.exit(f"{flags.pictures}: found {len(train)} training and {len(test)} test pictures")

    flags.out.mkdir(parents=True, exist_ok=True)
    (flags.out / "class_names.txt").write_text("\n".join(names) + "\n")
    mode = "L" if flags.grey else "RGB"
    write_split(flags.out, "train", train, flags.size, mode)
    write_split(flags.out, "t10k", test, flags.size, mode)


if __name__ == "__main__":
    main()
