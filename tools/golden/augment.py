"""Writes tests/golden/augment.csv: small images changed by torchvision's transforms.

  python tools/golden/augment.py > tests/golden/augment.csv    # torch, torchvision, Pillow
"""

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms import functional as F


def noise(seed, height, width, channels):
    """Bytes of the generator that transforms_test.cpp has, height x width x channels."""
    out = np.empty(height * width * channels, np.uint8)
    state = seed
    for i in range(out.size):
        state = (1664525 * state + 1013904223) % 2**32
        out[i] = state >> 24
    return out.reshape(height, width, channels)


def tensor(image):
    return torch.from_numpy(image.copy()).permute(2, 0, 1)


def pillow(image):
    return Image.fromarray(image if image.shape[2] == 3 else image[:, :, 0])


def pixels(changed):
    if isinstance(changed, Image.Image):
        array = np.asarray(changed)
    else:
        array = changed.permute(1, 2, 0).numpy()
    return array.astype(np.uint8).tobytes().hex()


def row(what, image, seed, arguments, changed):
    shape = "x".join(str(n) for n in image.shape)
    print(f"{what},{shape},{seed},{' '.join(str(a) for a in arguments)},{pixels(changed)}")


def shifted(image, down, right, mode):
    pad = max(abs(down), abs(right))
    padded = F.pad(tensor(image), [pad] * 4, padding_mode=mode)
    return F.crop(padded, pad - down, pad - right, image.shape[0], image.shape[1])


def mixed(transform, image, other, params):
    batch = torch.stack([tensor(image), tensor(other)]).float()
    params = {"labels": torch.tensor([0, 1]), "batch_size": 2, **params}
    return transform.transform(batch, params)[0]


def main():
    print("transform,shape,seed,arguments,pixels")
    seed = 0
    for shape in [(7, 9, 1), (8, 6, 3), (5, 5, 1)]:
        for _ in range(3):
            seed += 1
            image = noise(seed, *shape)
            other = noise(seed + 1000, *shape)
            height, width, channels = shape
            row("mirror", image, seed, [], F.hflip(tensor(image)))
            for mode, name in [("constant", "zero"), ("edge", "edge"), ("reflect", "reflect")]:
                for down, right in [(0, 2), (-3, 1), (2, -4), (4, 4)]:
                    row("shift", image, seed, [down, right, name],
                        shifted(image, down, right, mode))
            parts = [(0, 0, 4, 3), (2, 1, 3, 4), (1, 0, 2, 5), (0, 0, height, width)]
            for top, left, h, w in parts:
                row("crop", image, seed, [top, left, h, w],
                    F.resized_crop(pillow(image), top, left, h, w, [height, width],
                                   InterpolationMode.BILINEAR))
            for degrees, scale in [(15.0, 1.0), (-40.0, 0.75), (90.0, 1.0), (3.5, 1.25)]:
                row("affine", image, seed, [degrees, scale],
                    F.affine(tensor(image), degrees, [0, 0], scale, [0.0, 0.0],
                             InterpolationMode.BILINEAR, None))
            for top, left, h, w in [(1, 1, 3, 2), (0, 0, 5, 5)]:
                row("blank", image, seed, [top, left, h, w],
                    F.erase(tensor(image), top, left, h, w, 0))
            for factor in [0.0, 0.4, 0.9, 1.0, 1.3, 2.0]:
                row("brightness", image, seed, [factor], F.adjust_brightness(tensor(image), factor))
                row("contrast", image, seed, [factor], F.adjust_contrast(tensor(image), factor))
                if channels == 3:
                    row("saturation", image, seed, [factor],
                        F.adjust_saturation(tensor(image), factor))
            if channels == 3:
                for turn in [-0.5, -0.2, 0.05, 0.31]:
                    row("hue", image, seed, [turn], F.adjust_hue(tensor(image), turn))
            for share in [0.3, 0.5, 0.85]:
                row("blend", image, seed, [share],
                    torch.round(mixed(v2.MixUp(num_classes=2), image, other, {"lam": share})))
            for top, left, h, w in [(1, 2, 3, 3), (0, 0, 2, width)]:
                row("paste", image, seed, [top, left, h, w],
                    mixed(v2.CutMix(num_classes=2), image, other,
                          {"box": (left, top, left + w, top + h), "lam_adjusted": 0.5}))


main()
