"""How fast PyTorch trains the seed net on this CPU, at its best: channels_last, fused Adam, f32 and bf16 autocast.

    python bench/peers/pytorch.py --kernels 32 --batch 128 --threads 2 [--precision f32|bf16] [--seconds 5]

Prints one JSON object per precision. As in `tailor bench train`: a step gathers bytes by a shuffled index, rescales
them, and runs forward, backward, the L2 penalty of the two dense layers and Adam. Images are random: speed does not
depend on them.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn

IMAGES = 60_000
L2 = 1e-4
ROUNDS = 7


class SeedNet(nn.Module):
    def __init__(self, kernels, dropout=0.4, hidden=128, classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.ZeroPad2d(1), nn.Conv2d(1, kernels, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(kernels, 2 * kernels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(dropout))
        self.hidden = nn.Linear(2 * kernels * 7 * 7, hidden)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(self.features(x))))

    def penalty(self):
        return L2 * (self.hidden.weight.square().sum() + self.out.weight.square().sum())


class Training:
    def __init__(self, kernels, batch, bf16):
        torch.manual_seed(0)
        self.batch, self.bf16 = batch, bf16
        self.net = SeedNet(kernels).to(memory_format=torch.channels_last)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=True)
        self.images = torch.randint(0, 256, (IMAGES, 1, 28, 28), dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (IMAGES,))
        self.order, self.at = torch.randperm(IMAGES), 0

    def step(self):
        if self.at + self.batch > IMAGES:
            self.order, self.at = torch.randperm(IMAGES), 0
        rows = self.order[self.at:self.at + self.batch]
        self.at += self.batch
        x = (self.images[rows].float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            logits = self.net(x)
        loss = nn.functional.cross_entropy(logits.float(), self.labels[rows]) + self.net.penalty()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()


def run_for(training, seconds):
    """Images a second over at least this long."""
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        training.step()
        steps += 1
    return steps * training.batch / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", type=int, default=32)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=["f32", "bf16"], help="one of the two; without it, both")
    parser.add_argument("--seconds", type=float, default=5, help="measured per precision, after a warm-up")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    for precision in [args.precision] if args.precision else ["f32", "bf16"]:
        training = Training(args.kernels, args.batch, precision == "bf16")
        run_for(training, max(1, args.seconds / 4))  # warm-up
        speeds = [run_for(training, args.seconds / ROUNDS) for _ in range(ROUNDS)]
        print(json.dumps({"peer": f"PyTorch {torch.__version__}", "batch": args.batch, "kernels": args.kernels,
                          "threads": args.threads, "precision": precision,
                          "images_per_second": round(statistics.median(speeds), 1)}), flush=True)


if __name__ == "__main__":
    main()
