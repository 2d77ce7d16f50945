"""ONNX Runtime as a peer in inference: f32 on its CPU provider, all graph optimizations."""

import serve

ARGS = serve.arguments()

import numpy as np  # noqa: E402
import onnx_net  # noqa: E402
import onnxruntime as ort  # noqa: E402


class Session:
    """One batch size. Input and output are bound once; a call copies its images in, where Tailor
    gathers them."""

    def __init__(self, batch):
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = ARGS.threads, 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = ort.InferenceSession(onnx_net.build(ARGS.net, ARGS.kernels, batch), options,
                                            ["CPUExecutionProvider"])
        self.images, self.batch, self.at = serve.random_images()[0][:, None], batch, 0
        self.input = np.empty((batch, 1, 28, 28), np.uint8)
        self.output = np.empty((batch, serve.CLASSES), np.float32)
        self.binding = self.session.io_binding()
        self.binding.bind_cpu_input("image", self.input)  # by address: later contents are read
        self.binding.bind_output(self.session.get_outputs()[0].name, "cpu", 0, np.float32,
                                 self.output.shape, self.output.ctypes.data)

    def __call__(self):
        if self.at + self.batch > len(self.images):
            self.at = 0
        np.copyto(self.input, self.images[self.at:self.at + self.batch])
        self.at += self.batch
        self.session.run_with_iobinding(self.binding)
        return self.output


class Inference:
    def __init__(self):
        self.sessions = {batch: Session(batch) for batch in ARGS.batches}

    def check(self):
        checks = [
            serve.check_probabilities(session(), batch) for batch, session in self.sessions.items()
        ]
        return checks[0]

    def run(self, seconds):
        speeds = {}
        for batch, session in self.sessions.items():
            measure = serve.throughput if batch > 1 else serve.answers_per_second
            speeds[f"infer{batch}"] = measure(session, batch, seconds)
        return speeds


if __name__ == "__main__":
    serve.serve("ONNX Runtime", ort.__version__, {"cpu": ("f32", Inference)})
