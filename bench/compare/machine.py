"""What a comparison ran on, for its records."""

import datetime
import json
import os
import platform
import resource
import subprocess
import time
from pathlib import Path


def doctor(tailor):
    run = subprocess.run([tailor, "doctor", "--json"], capture_output=True, text=True)
    if not run.stdout:
        raise SystemExit(f"{tailor} doctor: {run.stderr}")
    return json.loads(run.stdout)


def precisions(tailor):
    return "f32,bf16" if '"native_bf16": true' in json.dumps(doctor(tailor)) else "f32"


def commit(root):
    git = ["git", "-C", str(root)]
    run = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"],
                             capture_output=True,
                             text=True).stdout.strip()
    return (run.stdout.strip() or "unknown") + ("+changes" if changed else "")


def describe(tailor, threads, root):
    info = Path("/proc/cpuinfo").read_text()
    cpu = next((line.split(":", 1)[1].strip()
                for line in info.splitlines()
                if line.startswith("model name")), platform.machine())
    flags = next((line.split() for line in info.splitlines() if line.startswith("flags")), [])
    return {
        "cpu": cpu, "cores": os.cpu_count(), "threads": threads, "system": platform.platform(),
        "commit": commit(root),
        "isa": [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags],
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%F %H:%M"),
        "doctor": doctor(tailor)
    }


class Bystanders:
    """How many cores' time went to anybody else while a turn was taken: one busy core halves what
    two threads do, and can make a peer whose threads wait for each other ten times slower."""

    def __init__(self, pid):
        self.pid = pid
        self.start, self.busy, self.own = time.monotonic(), self.busy_seconds(), self.own_seconds()

    def busy_seconds(self):
        user, nice, system, _, _, irq, softirq, steal = map(
            int,
            Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    def own_seconds(self):
        """Of this process, of those it waited for, and of the one that measures."""
        usage = [
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        seconds = sum(use.ru_utime + use.ru_stime for use in usage)
        if self.pid:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return seconds

    def cores(self):
        others = self.busy_seconds() - self.busy - (self.own_seconds() - self.own)
        return max(0.0, round(others / (time.monotonic() - self.start), 2))
