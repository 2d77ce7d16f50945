"""Writes tests/golden/models/*.safetensors: small nets, and what PyTorch computes for them.

    python tools/golden/models.py tests/golden/models [CASE...]  needs torch, numpy, safetensors

Every file holds, in its metadata, the net and the training options as an experiment file has them,
and as tensors a batch, the initial weights and state, and of the reference in model_reference.py,
in float64:

    logits, loss, penalty, loss_and_penalty, grad.NAME
                        of the first step (grad: without penalty)
    losses              penalty included, of ten steps on this batch
    after10.NAME, inference_logits
                        weights and state after them, and what they predict

    bf16_error.NAME     relative L2 error of the same tensor when weights, activations and their
                        gradients are rounded to bf16: what that format itself costs on this net

A draw of weights and images is taken only if float32 reproduces it to 1e-5 and bf16's gradients to
5 %: with a value a hair from a kink of ReLU or max pooling, a case would test luck.
"""

import hashlib
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import model_reference as reference
from model_cases import CASES

FLOAT32_ERROR = 1e-5
BF16_GRADIENT_ERROR = 0.05
DRAWS = 50
LARGEST_FILE = 200_000


def toml_value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_value(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return str(value).lower() if isinstance(
        value, bool) else f'"{value}"' if isinstance(value, str) else repr(value)


def toml_layers(layers, path="model.layer"):
    text = ""
    for layer in layers:
        text += f"[[{path}]]\n"
        text += "".join(f"{key} = {toml_value(v)}\n" for key, v in layer.items() if key != "body")
        text += toml_layers(layer.get("body", []), path + ".body")
    return text


def toml_train(options):
    return "[train]\n" + "".join(f"{key} = {toml_value(v)}\n" for key, v in options.items())


def random(*shape, mean=0.0, deviation=1.0):
    return mean + deviation * torch.randn(shape, dtype=torch.float32)


def new_tensors(layer, name, channels, features):
    """Weights and state of one layer for an input of so many channels and values."""
    kind = layer["type"]
    if kind == "batch_normalization":
        weights = {
            f"{name}.gamma": random(channels, mean=1, deviation=0.1),
            f"{name}.beta": random(channels, deviation=0.1)
        }
        state = {f"{name}.moving_mean": random(channels, deviation=0.1),
                 f"{name}.moving_variance": 1 + random(channels, deviation=0.1).abs()}
        return weights, state
    if kind not in ("conv2d", "dense"):
        return {}, {}
    if kind == "conv2d":
        shape = [layer["filters"], channels, *reference.pair(layer.get("kernel_size", 3))]
    else:
        shape = [layer["units"], features]
    fan_in = torch.tensor(shape[1:]).prod().item()
    weights = {f"{name}.kernel": random(*shape, deviation=(2 / fan_in) ** 0.5)}
    if layer.get("use_bias", True):
        weights[f"{name}.bias"] = random(shape[0], deviation=0.1)
    return weights, {}


def initialise(layers, prefix, x, weights, state):
    """Gives every layer its tensors, following one batch through the net; returns the output."""
    for number, layer in enumerate(layers):
        name = f"{prefix}.{number}"
        if layer["type"] == "residual":
            initialise(layer["body"], name + ".body", x, weights, state)
        else:
            new_weights, new_state = new_tensors(layer, name, x.shape[1], x[0].numel())
            weights |= new_weights
            state |= new_state
        net = reference.Net(layers, weights, {key: s.clone() for key, s in state.items()})
        net.training = True
        x = getattr(net, layer["type"])(x, layer, name)
    return x


def relative_error(value, expected):
    norm = expected.double().norm().item()
    return (value.double() -
            expected.double()).norm().item() / norm if norm > 0 else value.double().norm().item()


def draw_case(name, case, draw):
    """The tensors of one random draw, or None where it is too close to a kink."""
    torch.manual_seed(int.from_bytes(hashlib.sha256(f"{name} {draw}".encode()).digest()[:4], "big"))
    height, width, channels = map(int, case["input"].split("x"))
    images = torch.randint(0, 256, (case["batch"], height, width, channels), dtype=torch.uint8)
    labels = torch.randint(0, case["classes"], (case["batch"],), dtype=torch.uint8)
    weights, state = {}, {}
    initialise(case["layers"], "layers", images.permute(0, 3, 1, 2).float(), weights, state)
    arguments = (case["layers"], case["train"], weights, state, images, labels)
    exact = reference.train(*arguments, torch.float64)
    single = reference.train(*arguments, torch.float32)
    rounded = reference.train(*arguments, torch.float32, bf16=True)
    bf16_error = {key: relative_error(rounded[key], value) for key, value in exact.items()}
    if max(relative_error(single[key], value) for key, value in exact.items()) > FLOAT32_ERROR:
        return None
    if max(error for key, error in bf16_error.items()
           if key.startswith("grad.")) > BF16_GRADIENT_ERROR:
        return None
    tensors = {"images": images, "labels": labels}
    tensors |= {f"weights.{key}": w for key, w in weights.items()
               } | {f"state.{key}": s for key, s in state.items()}
    tensors |= {key: value.float().contiguous() for key, value in exact.items()}
    return tensors | {f"bf16_error.{key}": torch.tensor(error) for key, error in bf16_error.items()}


def make_case(name, case):
    for draw in range(DRAWS):
        tensors = draw_case(name, case, draw)
        if tensors is not None:
            return tensors, draw
    raise SystemExit(f"{name}: none of {DRAWS} draws is reproducible; make the net tamer")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    wanted = sys.argv[2:] or CASES
    cases = {name: case for name, case in CASES.items() if name in wanted}
    for name, case in cases.items():
        path = folder / f"{name}.safetensors"
        tensors, draw = make_case(name, case)
        metadata = {"model": toml_layers(case["layers"]), "optimizer": toml_train(case["train"]),
                    "input": case["input"], "classes": str(case["classes"])}
        save_file(tensors, path, metadata)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise SystemExit(f"{path} has {size} bytes; make the net smaller")
        total += size
        worst = max(
            (tensors[key].item(), key) for key in tensors if key.startswith("bf16_error.grad"))
        print(
            f"{name:32} {size:7} bytes   draw {draw:2}   "
            f"worst bf16 gradient {worst[0]:.4f} {worst[1][16:]}")
    print(f"{len(cases)} files, {total} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
