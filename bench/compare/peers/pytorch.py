"""PyTorch as a peer in training: eager, channels_last, bf16 autocast and torch.compile, all with
fused Adam.

A step does what one of `tailor bench train` does: gather bytes by a shuffled index, rescale,
forward, backward, the L2 penalty of the seed net's two dense layers, Adam. ONEDNN_VERBOSE=1 shows
what autocast runs: all convolutions and products forward and backward in avx512_core_bf16.
"""

import serve

ARGS = serve.arguments()

import torch  # noqa: E402
from torch import nn  # noqa: E402

L2 = 1e-4
COMPILE_STEPS = 10  # after the first, which compiles


class Seed(nn.Module):
    def __init__(self, kernels):
        super().__init__()
        self.features = nn.Sequential(
            nn.ZeroPad2d(1), nn.Conv2d(1, kernels, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(kernels, 2 * kernels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.4))
        self.hidden = nn.Linear(2 * kernels * 7 * 7, 128)
        self.out = nn.Linear(128, serve.CLASSES)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(self.features(x))))

    def penalty(self):
        return L2 * (self.hidden.weight.square().sum() + self.out.weight.square().sum())


class Air(nn.Module):
    def __init__(self, kernels):
        super().__init__()
        layers, channels = [], 1
        for width, pooled in [(1, True), (2, False), (2, True), (4, False), (4, False)]:
            layers += [nn.Conv2d(channels, width * kernels, 3, padding=1, bias=False),
                       nn.BatchNorm2d(width * kernels, eps=1e-5), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(2)] if pooled else []
            channels = width * kernels
        self.features = nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten())
        self.out = nn.Linear(channels, serve.CLASSES)

    def forward(self, x):
        return self.out(self.features(x))

    def penalty(self):
        return 0.0


class Training:
    def __init__(self, channels_last=False, bf16=False, compiled=False):
        torch.manual_seed(0)
        self.batch, self.bf16, self.compiled = ARGS.batches[0], bf16, compiled
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.net = (Seed if ARGS.net == "seed" else Air)(ARGS.kernels).to(memory_format=self.format)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-3, fused=True)
        images, labels = serve.random_images()
        self.images, self.labels = torch.from_numpy(images)[:, None], torch.from_numpy(labels)
        self.rows = serve.Shuffled(self.batch)
        self.loss = torch.compile(self.loss_of) if compiled else self.loss_of

    def loss_of(self, images, labels):
        x = (images.float() / 255).contiguous(memory_format=self.format)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            logits = self.net(x)
        return nn.functional.cross_entropy(logits.float(), labels) + self.net.penalty()

    def learn(self, rows):
        loss = self.loss(self.images[rows], self.labels[rows])
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        return loss

    def step(self):
        self.learn(torch.from_numpy(self.rows()))

    def check(self):
        rows = torch.from_numpy(self.rows())
        losses = [self.learn(rows).item() for _ in range(serve.CHECK_STEPS)]
        for _ in range(COMPILE_STEPS if self.compiled else 0):
            self.step()
        return serve.check_falls(losses)

    def run(self, seconds):
        return {"train": serve.throughput(self.step, self.batch, seconds)}


def main():
    torch.set_num_threads(ARGS.threads)
    serve.serve(
        "PyTorch", torch.__version__, {
            "eager": ("f32", Training),
            "channels_last": ("f32", lambda: Training(channels_last=True)),
            "channels_last+autocast": ("bf16", lambda: Training(channels_last=True, bf16=True)),
            "compile": ("f32", lambda: Training(channels_last=True, compiled=True)),
            "compile+autocast":
                ("bf16", lambda: Training(channels_last=True, bf16=True, compiled=True)),
        })


if __name__ == "__main__":
    main()
