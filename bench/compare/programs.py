"""The programs of a comparison. Each gives lanes: things with a program, a variant, a precision and
measure(), which returns images a second by mode (train, infer256, infer1)."""

import dataclasses
import json
import re
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

# File in peers/ and the stages it takes part in.
PEERS = {"pytorch": ["train"], "keras": ["train"], "onnxruntime": ["infer"], "openvino": ["infer"]}
FILES = {
    "pytorch": "pytorch.py", "keras": "tensorflow_keras.py", "onnxruntime": "onnx_runtime.py",
    "openvino": "open_vino.py"
}


@dataclasses.dataclass
class Job:
    name: str  # of the net
    kernels: int
    stage: str  # train or infer
    batches: list
    threads: int
    seconds: float


class Lane:
    own = False  # a program of the project's own is compared with, but is no peer
    check = {}
    pid = None  # of the process that measures, where it lives on after that

    @property
    def name(self):
        return " ".join(word for word in (self.program, self.variant, self.precision) if word)


class Tailor(Lane):
    program, variant, own = "Tailor", "", True

    def __init__(self, path, precision, job):
        self.path, self.precision, self.job = path, precision, job

    def bench(self, batch):
        job = self.job
        command = [
            self.path, "bench", job.stage, "--json", "--repetitions", "1",
            "--model", job.name, "--kernels", str(job.kernels), "--batch", str(batch),
            "--threads", str(job.threads), "--precision", self.precision,
        ]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {run.stderr}")
        return json.loads(run.stdout)

    def measure(self):
        if self.job.stage == "train":
            return {"train": self.bench(self.job.batches[0])["images_per_second"]}
        speeds = {}
        # The latency of one image comes with any batch.
        for batch in [b for b in self.job.batches if b > 1] or [2]:
            result = self.bench(batch)
            speeds |= {
                f"infer{batch}": result["images_per_second"],
                "infer1": 1e6 / result["latency_us"]["p50"]
            }
        return speeds


class Probe(Lane):
    """A command line of one's own; in inference it is run once for every batch."""

    program, own = "probe", True

    def __init__(self, text, job):
        self.precision, _, self.command = text.partition(":")
        if self.precision not in ("f32", "bf16"):
            raise SystemExit(f"--probe {text}: start with f32: or bf16:")
        self.variant, self.job = "", job

    def run(self, batch):
        command = self.command.format(net=self.job.name, kernels=self.job.kernels, batch=batch)
        run = subprocess.run(command, shell=True, capture_output=True, text=True)
        found = re.search(r"([\d.]+) img/s.*?; infer ([\d.]+)", run.stdout)
        if run.returncode != 0 or not found:
            raise SystemExit(f"{command}: no speeds in {run.stdout}{run.stderr}")
        return float(found[1]), float(found[2])

    def measure(self):
        if self.job.stage == "train":
            return {"train": self.run(self.job.batches[0])[0]}
        return {f"infer{batch}": self.run(batch)[1] for batch in self.job.batches}


class PeerLane(Lane):
    def __init__(self, peer, variant, precision, check):
        self.peer, self.program, self.variant = peer, peer.program, variant
        self.precision, self.check = precision, check
        self.pid = peer.process.pid

    def measure(self):
        return self.peer.ask(f"run {self.variant} {self.peer.seconds}")


class Peer:
    """A process that speaks the protocol of peers/serve.py."""

    def __init__(self, python, name, job):
        self.log = tempfile.TemporaryFile("w+")
        self.name, self.seconds = name, job.seconds
        command = [
            python, str(HERE / "peers" / FILES[name]),
            "--net", job.name, "--kernels", str(job.kernels), "--stage", job.stage,
            "--batches", ",".join(map(str, job.batches)), "--threads", str(job.threads),
        ]
        self.process = subprocess.Popen(command,
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE,
                                        stderr=self.log,
                                        text=True)
        hello = self.read()
        self.program, self.version = hello["program"], hello["version"]
        self.variants = hello["variants"]

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise SystemExit(f"{self.name} ended:\n{self.log.read()[-3000:]}")
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()

    def lanes(self, results, say):
        """Prepares every variant; one that cannot be is named in the results."""
        results["versions"][self.program] = self.version
        lanes = []
        for variant, precision in self.variants.items():
            answer = self.ask(f"prepare {variant}")
            if "error" in answer:
                results["left_out"].append(f"{self.program} {variant}: {answer['error']}")
                say(f"  left out: {results['left_out'][-1]}")
                continue
            lanes.append(PeerLane(self, variant, precision, answer["check"]))
            say(f"  {lanes[-1].name}: {answer['check']}")
        return lanes

    def close(self):
        self.process.stdin.close()
        self.process.wait()
