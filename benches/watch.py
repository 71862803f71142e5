#!/usr/bin/env python3
"""How long a running session takes from a change to the answer, in a copy of a tree.

    benches/watch.py --binary target/dist/goleash --tree GOROOT/src [--edits 200] [--seed 1]

Copies the tree, starts `goleash watch --format json --level note` with a debounce of one millisecond, and edits one file after another: a
leaking function goes in at its end, its finding is waited for, and it is taken out again. Prints the 50th, 95th and 99th percentile of
what the program says it took (without the debounce) until the finding was told, and of the time from the write to the line read here (with
the debounce, the notice of the system and two processes that share the cores). Nothing is edited outside the copy.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

import tables

LEAK = """
func goleashBench{n}(ask func() int) {{
	c := make(chan int)
	go func() {{ c <- ask() }}()
}}
"""


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def cpu(pid):
    """Milliseconds of CPU time that a process has used; nothing where the system does not tell."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tree", required=True, type=pathlib.Path)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--debounce", type=int, default=1)
    parser.add_argument("--below", default="", help="edits only files below this folder of the tree")
    parser.add_argument("--write", action="store_true", help=f"put the table between the watch markers of {tables.PERFORMANCE}")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "src"
        shutil.copytree(args.tree, copy, symlinks=True)
        files = [p for p in sorted(copy.rglob("*.go")) if not p.name.endswith("_test.go")]
        skipped = ("testdata", "vendor")
        files = [p for p in files if not any(part in skipped or part[0] in "_." for part in p.relative_to(copy).parts)]
        files = [p for p in files if "DO NOT EDIT" not in p.read_text(errors="replace")[:2000]]
        files = [p for p in files if p.is_relative_to(copy / args.below)]
        random.Random(args.seed).shuffle(files)
        command = [str(pathlib.Path(args.binary).resolve()), "watch", "--format", "json", "--level", "note", "--debounce", str(args.debounce), "."]
        watch = subprocess.Popen(command, cwd=copy, stdout=subprocess.PIPE, text=True)
        first = json.loads(watch.stdout.readline())
        print(f"first snapshot: {first['milliseconds']:.0f} ms, {len(first['findings'])} findings, {len(files)} files to edit")
        inside, outside, slow = [], [], []
        cpu_before = cpu(watch.pid)
        for n, path in enumerate(files[: args.edits]):
            text = path.read_text()
            for new, event in ((text + LEAK.format(n=n), "added"), (text, "removed")):
                begin = time.perf_counter()
                path.write_text(new)
                while True:
                    line = json.loads(watch.stdout.readline())
                    mine = event == "removed" or f"goleashBench{n}" in json.dumps(line)
                    if line["event"] == event and mine:
                        break
                outside.append((time.perf_counter() - begin) * 1e3)
                inside.append(line["milliseconds"])
                slow.append((line["milliseconds"], str(path.relative_to(copy))))
                # What the change made different elsewhere is looked at now, and is not part of the next measurement.
                time.sleep(0.05)
        cpu_after = cpu(watch.pid)
        watch.kill()
    table = [
        f"{tables.machine(args.tree.resolve())}, {len(inside)} changes to {len(inside) // 2} files drawn at random, warm cache, load {load:.1f} before the first.",
        "",
        "| a change, in a running `goleash watch` over that tree | median | 95th percentile | 99th percentile | most | limit |",
        "|---|---|---|---|---|---|",
    ]
    for name, limit, values in (("until the answer", "30 ms at the 99th", inside), ("from the write to the line", "", outside)):
        shares = " | ".join(f"{percentile(values, s):.1f} ms" for s in (0.5, 0.95, 0.99, 1))
        table.append(f"| {name} | {shares} | {limit} |")
    print("\n".join(table))
    if args.write:
        tables.write("watch", "\n".join(table))
    if cpu_before is not None:
        print(f"CPU: {(cpu_after - cpu_before) / len(inside):.1f} ms a change, with what it makes different elsewhere")
    print("slowest:", ", ".join(f"{name} {ms:.0f} ms" for ms, name in sorted(slow, reverse=True)[:8]))


if __name__ == "__main__":
    main()
