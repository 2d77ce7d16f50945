"""Keras's layers, loss and optimizers in a few PyTorch operations: the reference for models.py.

A net is a list of dictionaries with the type and option names of an experiment's [[model.layer]]
tables. Weights are named and laid out as Tailor's: convolution kernels out, in, height, width;
dense kernels out, in.
"""

import math

import torch
from torch.nn import functional as F


class RoundToBf16(torch.autograd.Function):
    """What storing a value and its gradient as bf16 does to both."""

    @staticmethod
    def forward(_, value):
        return value.to(torch.bfloat16).to(value.dtype)

    @staticmethod
    def backward(_, gradient):
        return gradient.to(torch.bfloat16).to(gradient.dtype)


class RoundWeightToBf16(RoundToBf16):
    """Weights are rounded for use; their gradients stay as they are."""

    @staticmethod
    def backward(_, gradient):
        return gradient


def exact(value):
    return value


def pair(option):
    return [option, option] if isinstance(option, int) else list(option)


def same_padding(size, window, stride):
    """TensorFlow's "same": ceil(size / stride) outputs, the odd cell of padding at the end."""
    total = max((math.ceil(size / stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def pad_same(x, window, strides, value):
    above, below = same_padding(x.shape[2], window[0], strides[0])
    left, right = same_padding(x.shape[3], window[1], strides[1])
    return F.pad(x, (left, right, above, below), value=value)


# Keras's functions of these names and their defaults; "gelu_approximate" is gelu(approximate=True).
ACTIVATIONS = {
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": F.elu,
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_approximate": lambda x: F.gelu(x, approximate="tanh"),
}


class Net:
    def __init__(self, layers, weights, state, bf16=False):
        self.layers, self.weights, self.state = layers, weights, state
        self.round = RoundToBf16.apply if bf16 else exact
        self.round_weight = RoundWeightToBf16.apply if bf16 else exact

    def forward(self, images, training=True):
        """images: N x H x W x C bytes. Returns the logits; training updates the state."""
        self.training = training
        x = images.permute(0, 3, 1, 2).to(next(iter(self.weights.values())).dtype)
        return self.run(self.layers, "layers", x).flatten(1)

    def run(self, layers, prefix, x):
        for number, layer in enumerate(layers):
            x = self.round(getattr(self, layer["type"])(x, layer, f"{prefix}.{number}"))
        return x

    def activate(self, x, layer):
        """A function other than ReLU is an operation of its own: what it reads has been rounded."""
        name = layer.get("activation", "linear")
        if name in ("linear", "softmax"):
            return x
        return F.relu(x) if name == "relu" else ACTIVATIONS[name](self.round(x))

    def bias(self, layer, name):
        return self.weights[name + ".bias"] if layer.get("use_bias", True) else None

    def rescaling(self, x, layer, _):
        return x * layer.get("scale", 1 / 255) + layer.get("offset", 0)

    def zero_padding2d(self, x, layer, _):
        above, below, left, right = layer.get("padding", [1, 1, 1, 1])
        return F.pad(x, (left, right, above, below))

    def conv2d(self, x, layer, name):
        kernel = self.round_weight(self.weights[name + ".kernel"])
        strides = pair(layer.get("strides", 1))
        if layer.get("padding") == "same":
            x = pad_same(x, kernel.shape[2:], strides, 0)
        return self.activate(F.conv2d(x, kernel, self.bias(layer, name), strides), layer)

    def dense(self, x, layer, name):
        kernel = self.round_weight(self.weights[name + ".kernel"])
        return self.activate(F.linear(x.flatten(1), kernel, self.bias(layer, name)), layer)

    def max_pooling2d(self, x, layer, _):
        pool = pair(layer.get("pool_size", 2))
        strides = pair(layer.get("strides", pool))
        if layer.get("padding") == "same":
            x = pad_same(x, pool, strides, -math.inf)
        return F.max_pool2d(x, pool, strides)

    def average_pooling2d(self, x, layer, _):
        pool = pair(layer.get("pool_size", 2))
        strides = pair(layer.get("strides", pool))
        inside = torch.ones_like(x[:1, :1])
        if layer.get("padding") == "same":
            x, inside = pad_same(x, pool, strides, 0), pad_same(inside, pool, strides, 0)
        return F.avg_pool2d(x, pool, strides) / F.avg_pool2d(inside, pool, strides)

    def global_max_pooling2d(self, x, *_):
        return x.flatten(2).max(2).values[:, :, None, None]

    def global_average_pooling2d(self, x, *_):
        return x.mean((2, 3), keepdim=True)

    def flatten(self, x, *_):
        return x.flatten(1)

    def dropout(self, x, layer, _):
        assert layer["rate"] == 0  # random draws are compared elsewhere
        return x

    def relu(self, x, *_):
        return F.relu(x)

    def leaky_relu(self, x, layer, _):
        return F.leaky_relu(x, layer.get("negative_slope", 0.3))

    def elu(self, x, layer, _):
        return F.elu(x, layer.get("alpha", 1.0))

    def silu(self, x, *_):
        return F.silu(x)

    def gelu(self, x, layer, _):
        return F.gelu(x, approximate="tanh" if layer.get("approximate") else "none")

    def batch_normalization(self, x, layer, name):
        momentum, epsilon = layer.get("momentum", 0.99), layer.get("epsilon", 1e-3)
        gamma, beta = self.weights[name + ".gamma"], self.weights[name + ".beta"]
        mean, variance = self.state[name + ".moving_mean"], self.state[name + ".moving_variance"]
        if self.training:
            axes = [axis for axis in range(x.dim()) if axis != 1]
            batch = x.mean(axes), x.var(axes, unbiased=False)
            for moving, now in zip((mean, variance), batch):
                moving.mul_(momentum).add_(now.detach() * (1 - momentum))
            mean, variance = batch
        shape = [1, -1] + [1] * (x.dim() - 2)
        scale = gamma / torch.sqrt(variance + epsilon)
        return (x - mean.view(shape)) * scale.view(shape) + beta.view(shape)

    def residual(self, x, layer, name):
        return x + self.run(layer["body"], name + ".body", x)


def regularized(layers, prefix="layers"):
    """(weight name, l1, l2) of every regularised kernel."""
    for number, layer in enumerate(layers):
        name = f"{prefix}.{number}"
        yield from regularized(layer.get("body", []), name + ".body")
        penalty = layer.get("kernel_regularizer", {})
        if penalty:
            yield name + ".kernel", penalty.get("l1", 0), penalty.get("l2", 0)


def penalty(layers, weights):
    """l1 * sum|w| + l2 * sum w^2, as Keras adds it to the loss."""
    return sum((l1 * weights[name].abs().sum() + l2 * weights[name].square().sum()
                for name, l1, l2 in regularized(layers)), torch.zeros(()))


def cross_entropy(logits, labels, smoothing):
    """Mean over the batch; Keras's label smoothing."""
    target = F.one_hot(labels.long(), logits.shape[1]).to(logits.dtype)
    target = target * (1 - smoothing) + smoothing / logits.shape[1]
    return -(target * F.log_softmax(logits, 1)).sum(1).mean()


class Optimizer:
    """Keras's update rules (keras/src/optimizers/{sgd,adam,adamw}.py)."""

    def __init__(self, train, weights):
        self.train, self.weights, self.steps = train, weights, 0
        self.first = {name: torch.zeros_like(w) for name, w in weights.items()}
        self.second = {name: torch.zeros_like(w) for name, w in weights.items()}

    @torch.no_grad()
    def step(self, gradients):
        self.steps += 1
        for name, weight in self.weights.items():
            if self.train["optimizer"] == "sgd":
                self.sgd(name, weight, gradients[name])
            else:
                self.adam(name, weight, gradients[name])

    def sgd(self, name, weight, gradient):
        rate, momentum = self.train["learning_rate"], self.train.get("momentum", 0)
        velocity = self.first[name]
        velocity.mul_(momentum).sub_(rate * gradient)
        if self.train.get("nesterov"):
            weight += momentum * velocity - rate * gradient
        else:
            weight += velocity

    def adam(self, name, weight, gradient):
        rate, epsilon = self.train["learning_rate"], self.train.get("epsilon", 1e-7)
        beta_1, beta_2 = self.train.get("beta_1", 0.9), self.train.get("beta_2", 0.999)
        if self.train["optimizer"] == "adamw" and name.endswith(".kernel"):
            weight -= rate * self.train.get("weight_decay", 0.004) * weight
        mean, square = self.first[name], self.second[name]
        mean += (gradient - mean) * (1 - beta_1)
        square += (gradient.square() - square) * (1 - beta_2)
        alpha = rate * math.sqrt(1 - beta_2**self.steps) / (1 - beta_1**self.steps)
        weight -= alpha * mean / (square.sqrt() + epsilon)


def train(layers, options, weights, state, images, labels, dtype, bf16=False, steps=10):
    """Trains on one batch; what the first step saw, and where it led, as named tensors."""
    weights = {name: w.to(dtype, copy=True).requires_grad_() for name, w in weights.items()}
    state = {name: s.to(dtype, copy=True) for name, s in state.items()}
    net = Net(layers, weights, state, bf16)
    optimizer = Optimizer(options, weights)
    out, losses = {}, []
    for step in range(steps):
        logits = net.forward(images)
        loss = cross_entropy(logits, labels, options.get("label_smoothing", 0))
        extra = penalty(layers, weights)
        gradients = dict(
            zip(weights, torch.autograd.grad(loss, list(weights.values()), retain_graph=True)))
        if step == 0:
            out = {
                "logits": logits, "loss": loss, "penalty": extra, "loss_and_penalty": loss + extra
            }
            out |= {f"grad.{name}": g for name, g in gradients.items()}
        total = torch.autograd.grad(loss + extra, list(weights.values()))
        losses.append(loss + extra)
        optimizer.step(dict(zip(weights, total)))
    out["losses"] = torch.stack(losses)
    out["inference_logits"] = net.forward(images, training=False)
    out |= {f"after10.{name}": value for name, value in (weights | state).items()}
    return {name: value.detach().clone() for name, value in out.items()}
