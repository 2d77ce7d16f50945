"""Whether Keras's activations are what model_reference.py takes them for, by its own layers.

    KERAS_BACKEND=torch python tools/golden/check_keras_activations.py         needs keras, torch
"""

import keras
import torch

import model_reference as reference

LAYERS = {
    "leaky_relu": ({}, keras.layers.LeakyReLU()),
    "leaky_relu, slope 0.1": ({"negative_slope": 0.1}, keras.layers.LeakyReLU(negative_slope=0.1)),
    "elu": ({}, keras.layers.ELU()),
    "elu, alpha 0.5": ({"alpha": 0.5}, keras.layers.ELU(alpha=0.5)),
    "silu": ({}, keras.layers.Activation("silu")),
    "gelu": ({}, keras.layers.Activation("gelu")),
    "gelu, approximate": ({"approximate": True},
                          keras.layers.Activation(lambda x: keras.activations.gelu(x, True))),
}
FUNCTIONS = {
    "leaky_relu": keras.activations.get("leaky_relu"),
    "elu": keras.activations.get("elu"),
    "silu": keras.activations.get("silu"),
    "gelu": keras.activations.get("gelu"),
    "gelu_approximate": lambda x: keras.activations.gelu(x, approximate=True),
}


def check(name, ours, keras_value):
    error = (ours - keras.ops.convert_to_tensor(keras_value).detach()).abs().max().item()
    print(f"{name:28} {error:.1e}")
    assert error < 1e-6, name


def main():
    x = torch.linspace(-10, 10, 4001)
    net = reference.Net([], {}, {})
    for name, (options, layer) in LAYERS.items():
        check("layer " + name, getattr(net, name.split(",")[0])(x, options, ""), layer(x))
    for name, function in FUNCTIONS.items():
        check("function " + name, reference.ACTIVATIONS[name](x), function(x))


if __name__ == "__main__":
    main()
