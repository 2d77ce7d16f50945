"""What a comparison ran on, for its records."""

import datetime
import json
import os
import platform
import subprocess
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
    changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout.strip()
    return (run.stdout.strip() or "unknown") + ("+changes" if changed else "")


def describe(tailor, threads, root):
    info = Path("/proc/cpuinfo").read_text()
    cpu = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    flags = next((line.split() for line in info.splitlines() if line.startswith("flags")), [])
    return {"cpu": cpu, "cores": os.cpu_count(), "threads": threads, "system": platform.platform(), "commit": commit(root),
            "isa": [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags],
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%F %H:%M"), "doctor": doctor(tailor)}
