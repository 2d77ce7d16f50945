"""OpenVINO as a peer in inference: bf16 and f32, each for latency (one request on all threads) and
for throughput (one stream a thread, requests in flight)."""

import serve

ARGS = serve.arguments()

import numpy as np  # noqa: E402
import onnx_net  # noqa: E402
import openvino as ov  # noqa: E402


class Batches:
    def __init__(self, batch):
        self.images, self.batch, self.at = serve.random_images()[0][:, None], batch, 0

    def __call__(self):
        if self.at + self.batch > len(self.images):
            self.at = 0
        self.at += self.batch
        return self.images[self.at - self.batch:self.at]


class OneRequest:
    """Calls one after the other, with the tensors of the request filled and read in place."""

    def __init__(self, compiled, batch):
        self.batches, self.request = Batches(batch), compiled.create_infer_request()
        self.input = self.request.get_input_tensor().data
        self.output = self.request.get_output_tensor().data

    def __call__(self):
        np.copyto(self.input, self.batches())
        self.request.start_async()  # infer() copies the answers into new arrays
        self.request.wait()
        return self.output


class ManyRequests:
    """Two for each stream, in turn: a call waits for the oldest, and leaves it working on new
    images."""

    def __init__(self, compiled, batch):
        self.batches, self.next = Batches(batch), 0
        self.requests = [
            compiled.create_infer_request() for _ in range(2 * compiled.get_property("NUM_STREAMS"))
        ]

    def __call__(self):
        request = self.requests[self.next]
        self.next = (self.next + 1) % len(self.requests)
        request.wait()
        np.copyto(request.get_input_tensor().data, self.batches())
        request.start_async()

    def finish(self):
        for request in self.requests:
            request.wait()


class Inference:
    def __init__(self, precision, hint):
        self.precision, self.many = precision, hint == "THROUGHPUT"
        core = ov.Core()
        config = {
            "INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": hint,
            "INFERENCE_NUM_THREADS": ARGS.threads
        }
        # One request at a time is what `tailor bench infer` times at batch 1; streams would not
        # show there.
        batches = [batch for batch in ARGS.batches if batch > 1 or not self.many]
        self.models = {
            batch:
                core.compile_model(
                    core.read_model(onnx_net.build(ARGS.net, ARGS.kernels, batch), b""), "CPU",
                    config) for batch in batches
        }
        self.calls = {
            batch: (ManyRequests if self.many else OneRequest)(model, batch)
            for batch, model in self.models.items()
        }

    def check(self):
        model = next(iter(self.models.values()))
        kinds = {
            str(node.get_rt_info()["runtimePrecision"].value)
            for node in model.get_runtime_model().get_ops()
            if node.get_rt_info()["layerType"].value == "Convolution"
        }
        if kinds != {self.precision}:
            raise RuntimeError(f"convolutions in {kinds}, not {self.precision}")
        batches = {batch: OneRequest(model, batch)() for batch, model in self.models.items()}
        return [serve.check_probabilities(answer, batch) for batch, answer in batches.items()][0]

    def run(self, seconds):
        speeds = {}
        for batch, call in self.calls.items():
            measure = serve.throughput if batch > 1 else serve.answers_per_second
            speeds[f"infer{batch}"] = measure(call, batch, seconds)
            if self.many:
                call.finish()
        return speeds


if __name__ == "__main__":
    serve.serve("OpenVINO", ov.__version__.split("-")[0], {
        f"{precision}-{hint.lower()}": (precision, lambda p=precision, h=hint: Inference(p, h))
        for precision in ("bf16", "f32") for hint in ("LATENCY", "THROUGHPUT")})
