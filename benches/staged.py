#!/usr/bin/env python3
"""How long `goleash check --staged` takes, the whole process, in a repository made of a tree.

    benches/staged.py --binary target/dist/goleash --tree GOROOT/src [--files 40] [--rounds 5] [--file net/http/server.go]

Copies the tree, commits it, and stages one changed file after another: a leaking function goes in at its end, `goleash check --staged` has to
find it, and it is taken out again. --file names a file that is looked at besides those drawn at random (may be repeated). For each file the
median is taken over the rounds. Within a round `goleash check FOLDER`, which asks no git, takes its turn, and ratios are made within a
round. CPU time is that of the process and of the git commands it starts. What git takes is read from git's own trace in a run beside: from
the start of a command to its end, as git sees it, so without starting the process; what runs at the same time counts once. Nothing is
changed outside the copy.
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import tables

LEAK = """
func goleashBench(ask func() int) {
	c := make(chan int)
	go func() { c <- ask() }()
}
"""


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def git(folder, *words):
    fixed = ["-c", "user.name=bench", "-c", "user.email=bench@invalid", "-c", "core.autocrlf=false", "-c", "gc.auto=0"]
    subprocess.run(["git", *fixed, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


class Run:
    """One run of one command: milliseconds on the clock, and of it with all its children on all cores."""

    def __init__(self, command, folder):
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = (time.perf_counter() - start) * 1e3
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"{command} ended with {child.returncode}")
        # Those of the children that it waited for are in it.
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1e3


def git_time(command, folder):
    """Milliseconds during which one of the git commands runs that the command starts, and their names."""
    with tempfile.TemporaryDirectory() as traces:
        done = subprocess.run(command, cwd=folder, env={**os.environ, "GIT_TRACE2_EVENT": traces}, stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 1):
            sys.exit(f"{command} ended with {done.returncode}")
        spans, names = [], []
        for trace in sorted(pathlib.Path(traces).iterdir()):
            events = [json.loads(line) for line in trace.read_text().splitlines()]
            begin, end = (datetime.datetime.fromisoformat(events[i]["time"].replace("Z", "+00:00")) for i in (0, -1))
            spans.append((begin, end))
            names += [next(word for word in e["argv"][1:] if word[0] != "-") for e in events if e["event"] == "start"]
    total, until = datetime.timedelta(), None
    for begin, end in sorted(spans):
        begin = begin if until is None else max(begin, until)
        if end > begin:
            total += end - begin
            until = end
    return total.total_seconds() * 1e3, names


def draw(copy, args):
    """The files to stage: those named, then others at random."""
    files = [p for p in sorted(copy.rglob("*.go")) if not p.name.endswith("_test.go")]
    skipped = ("testdata", "vendor")
    files = [p for p in files if not any(part in skipped or part[0] in "_." for part in p.relative_to(copy).parts)]
    files = [p for p in files if "DO NOT EDIT" not in p.read_text(errors="replace")[:2000]]
    random.Random(args.seed).shuffle(files)
    named = [copy / name for name in args.file]
    return named + [p for p in files if p not in named][: args.files]


def measure(goleash, copy, path, rounds):
    """What one staged file takes: medians."""
    name = str(path.relative_to(copy))
    text = path.read_bytes()
    path.write_bytes(text + LEAK.encode())
    git(copy, "add", "--", name)
    staged = [goleash, "check", "--staged"]
    folder = [goleash, "check", str(path.parent.relative_to(copy))]
    said = subprocess.run([*staged, "--level", "note", "--format", "json"], cwd=copy, stdout=subprocess.PIPE, text=True).stdout
    found = "goleashBench" in said
    runs = [(Run(staged, copy), Run(folder, copy)) for _ in range(rounds)]
    inside = [git_time(staged, copy) for _ in range(rounds)]
    path.write_bytes(text)
    git(copy, "add", "--", name)
    median = statistics.median
    return {
        "file": name,
        "found": found,
        "wall": median(run.wall for run, _ in runs),
        "cpu": median(run.cpu for run, _ in runs),
        "git": median(ms for ms, _ in inside),
        "commands": inside[0][1],
        "folder": median(run.wall for _, run in runs),
        "ratio": median(run.wall / other.wall for run, other in runs),
    }


def line(row):
    figures = f"{row['wall']:.1f} | {row['cpu']:.1f} | {row['git']:.1f} | {row['folder']:.1f} | {row['ratio']:.2f}"
    return f"| {row['file']}{'' if row['found'] else ' (nothing found)'} | {figures} |"


def table(args, rows, load):
    drawn = rows[len(args.file) :]
    lines = [
        f"{tables.machine(args.tree.resolve())}, {len(drawn)} files drawn at random, {args.rounds} rounds each, warm cache, load {load:.1f} before the first.",
        "",
        "| one staged file in that tree, the whole process | milliseconds | CPU milliseconds | of it git | limit |",
        "|---|---|---|---|---|",
    ]
    for name, share in (("median", 0.5), ("90th percentile", 0.9), ("most", 1)):
        wall, cpu, git = (percentile([row[key] for row in drawn], share) for key in ("wall", "cpu", "git"))
        lines.append(f"| {name} | {wall:.0f} | {cpu:.0f} | {git:.0f} | 50 ms |")
    lines += [f"| `{row['file']}` | {row['wall']:.0f} | {row['cpu']:.0f} | {row['git']:.0f} | |" for row in rows[: len(args.file)]]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tree", required=True, type=pathlib.Path)
    parser.add_argument("--files", type=int, default=40, help="files drawn at random")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append", default=[], help="a file below the tree, besides (may be repeated)")
    parser.add_argument("--work", type=pathlib.Path, help="a folder for the copy that stays, so that the next run need not make it")
    parser.add_argument("--write", action="store_true", help=f"put the table between the staged markers of {tables.PERFORMANCE}")
    args = parser.parse_args()
    goleash = str(pathlib.Path(args.binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        copy = args.work or pathlib.Path(folder) / "src"
        if not copy.is_dir():
            shutil.copytree(args.tree, copy, symlinks=True)
            git(copy, "init", "--quiet")
            git(copy, "add", "--all", "--force")
            git(copy, "commit", "--quiet", "--message", "all")
            git(copy, "repack", "-adq")
        # A run that was broken off leaves a change staged, and every later commit would hold it.
        git(copy, "reset", "--hard")
        load = os.getloadavg()[0]
        rows = [measure(goleash, copy, path, args.rounds) for path in draw(copy, args)]
        count = subprocess.run(["git", "ls-files"], cwd=copy, stdout=subprocess.PIPE, text=True).stdout.count("\n")
    print(f"{len(rows)} files, {args.rounds} rounds each, {count:,} files in the index, load {load:.1f} before the first")
    print("git:", ", ".join(rows[0]["commands"]))
    print("\n| staged file | ms | CPU ms | of it git, ms | `check FOLDER`, ms | staged ÷ folder |\n|---|---|---|---|---|---|")
    shown = rows[: len(args.file)] + sorted(rows[len(args.file) :], key=lambda row: -row["wall"])[:8]
    print("\n".join(map(line, shown)))
    print()
    for key, what in (("wall", "by the clock"), ("cpu", "CPU"), ("git", "git"), ("folder", "`check FOLDER`")):
        shares = ", ".join(f"p{round(s * 100)} {percentile([row[key] for row in rows], s):.1f} ms" for s in (0.5, 0.95, 0.99))
        print(f"{what}: {shares}, least {min(row[key] for row in rows):.1f} ms")
    if args.write:
        tables.write("staged", table(args, rows, load))
    ratios = [row["ratio"] for row in rows]
    print(f"staged ÷ folder: median {statistics.median(ratios):.2f}, most {max(ratios):.2f}")
    missing = [row["file"] for row in rows if not row["found"]]
    print("the leak was found in all of them" if not missing else f"the leak was not found in: {', '.join(missing)}")


if __name__ == "__main__":
    main()
