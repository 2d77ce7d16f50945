"""The nets as ONNX models: bytes in, probabilities out, the work of `tailor bench infer`. Built by
hand, so that no exporter's habits come between the peers."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from serve import CLASSES

OPSET = 17


class Builder:
    def __init__(self):
        self.rng = np.random.default_rng(0)
        self.nodes, self.weights, self.last, self.channels = [], [], "image", 1

    def constant(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def add(self, op, *inputs, **attributes):
        self.nodes.append(
            helper.make_node(op, [self.last, *inputs], [f"x{len(self.nodes)}"], **attributes))
        self.last = self.nodes[-1].output[0]

    def normal(self, *shape):
        """He's normal; variances stay near 1 through ReLU, so that no rounding is hidden or blown
        up."""
        return self.rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)

    def conv(self, filters, bias):
        weights = [self.constant(self.normal(filters, self.channels, 3, 3))]
        weights += [self.constant(self.rng.normal(0, 0.1, filters))] if bias else []
        self.add("Conv", *weights, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        self.channels = filters

    def normalize(self):
        c = self.channels
        values = (self.rng.uniform(0.8, 1.2, c), self.rng.normal(0, 0.1, c),
                  self.rng.normal(0, 0.1, c), self.rng.uniform(0.8, 1.2, c))
        self.add("BatchNormalization", *map(self.constant, values), epsilon=1e-5)

    def pool(self):
        self.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])

    def dense(self, inputs, units):
        self.add("Gemm",
                 self.constant(self.normal(units, inputs)),
                 self.constant(self.rng.normal(0, 0.1, units)),
                 transB=1)


def seed(net, kernels):
    for filters in (kernels, 2 * kernels):
        net.conv(filters, bias=True)
        net.add("Relu")
        net.pool()
    net.add("Flatten")
    net.dense(2 * kernels * 49, 128)
    net.add("Relu")
    net.dense(128, CLASSES)


def air(net, kernels):
    for width, pooled in [(1, True), (2, False), (2, True), (4, False), (4, False)]:
        net.conv(width * kernels, bias=False)
        net.normalize()
        net.add("Relu")
        if pooled:
            net.pool()
    net.add("GlobalMaxPool")
    net.add("Flatten")
    net.dense(net.channels, CLASSES)


def build(name, kernels, batch):
    """Serialized model of one batch size: static shapes are what both runtimes are fastest with."""
    net = Builder()
    net.add("Cast", to=TensorProto.FLOAT)
    net.add("Mul", net.constant(1 / 255))
    (seed if name == "seed" else air)(net, kernels)
    net.add("Softmax", axis=1)
    graph = helper.make_graph(
        net.nodes, name,
        [helper.make_tensor_value_info("image", TensorProto.UINT8, [batch, 1, 28, 28])],
        [helper.make_tensor_value_info(net.last, TensorProto.FLOAT, [batch, CLASSES])], net.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()
