#!/usr/bin/env python3
"""How long the first minutes take: from a fresh clone and an empty target folder to a release build, to the first finding, and through the tests.

    benches/build.py [--only build|finding|tests]

Clones this repository as it is committed, and runs there, each with a target folder of its own:

    build    cargo build --release --locked
    finding  the README's first command, cargo run --release --locked -- check docs/example
    tests    the README's test command, cargo test --locked

Downloads are made beforehand and not counted. Seconds on the clock depend on what else the machine does, those of the processor hardly: both
are printed, with the load before and after. The settings of your shell (CARGO_*, RUSTFLAGS) hold there too.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMANDS = {
    # Exit code 1: there are findings.
    "build": (["cargo", "build", "--release", "--locked"], (0,)),
    "finding": (["cargo", "run", "--release", "--locked", "--", "check", "docs/example"], (1,)),
    "tests": (["cargo", "test", "--locked"], (0,)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=COMMANDS, action="append", help="leave the others out; may be repeated")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goleash-build-") as folder:
        clone = pathlib.Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=clone, check=True)
        print(heading(clone))
        failed = [name for name in args.only or COMMANDS if not measure(name, clone, pathlib.Path(folder) / name)]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def heading(clone):
    """The day, the commit, the machine's shape, and how many crates the lock file holds."""
    commit = output(["git", "rev-parse", "--short", "HEAD"], clone)
    crates = len(re.findall(r"^\[\[package\]\]$", (clone / "Cargo.lock").read_text(), re.MULTILINE))
    normal = output(["cargo", "tree", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"], clone)
    built = len({line.removesuffix(" (*)") for line in normal.splitlines() if line})
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {output(['rustc', '--version'], clone)}"
    return f"{datetime.date.today().isoformat()}, {commit}, {machine}\n{crates} locked crates, {built} of them in the binary or its build"


def output(command, folder):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def measure(name, clone, target):
    """Runs a command in an empty target folder and prints its line. Whether it ended as it should."""
    command, expected = COMMANDS[name]
    before, load = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    begin = time.monotonic()
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    ran = subprocess.run(command, cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:8} {wall:6.0f} s, {cpu:6.0f} s of CPU, load {load:.1f} before and {os.getloadavg()[0]:.1f} after: {' '.join(command)}")
    if ran.returncode in expected:
        return True
    print("\n".join(ran.stdout.splitlines()[-30:]), file=sys.stderr)
    return False


if __name__ == "__main__":
    main()
