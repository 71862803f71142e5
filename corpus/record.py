#!/usr/bin/env python3
"""Keeps every finding of a goleash binary over fixed sets of Go code, and names each difference between two such records.

    record.py take --binary B --out FILE.json corpus testdata          the sets of this repository
    record.py take --binary B --out FILE.json --cases DIR --tree go=GOROOT/src --tree nsq=DIR
    record.py compare OLD.json NEW.json [--rule R] [--set S] [--brief]

sets of `take`:
  corpus             corpus/RULE/CASE, in one run
  testdata           rules/*/testdata: each file and each folder as a package (or module) of its own, with tests, as tests/rules.rs runs them
  --cases DIR        every folder below DIR with a go.mod and Go files, each as a module of its own
  --tree NAME=DIR    any checkout, in one run; a NAME that ends in `+tests` has its tests looked at too

A record holds of each finding rule, level, file, line, function, message and steps (line and text), in an order that depends on nothing
else, so that two records of one binary are the same bytes. `compare` prints what is gone, new, of another level, elsewhere, worded
otherwise or argued with other steps, by set and rule, then the counts. Exit code: 0 without a difference, 1 with one, 2 if it cannot run.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FORMAT = 1
FLAGS = ["--format", "json", "--level", "note", "--exit-zero", "--no-config"]
SKIPPED = {"stand-in", ".git"}
KINDS = ["gone", "new", "level", "moved", "message", "steps", "problem"]


def main():
    args = arguments()
    return take(args) if args.command == "take" else compare(args)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("take", help="run a binary and write what it finds")
    one.add_argument("--binary", required=True, type=pathlib.Path)
    one.add_argument("--out", required=True, type=pathlib.Path)
    one.add_argument("--cases", type=folder, metavar="DIR")
    one.add_argument("--tree", action="append", type=named, default=[], metavar="NAME=DIR")
    one.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at once, over small packages (default: one a core)")
    one.add_argument("sets", nargs="*", metavar="SET", help="corpus, testdata")
    two = commands.add_parser("compare", help="name each difference between two records")
    two.add_argument("old", type=pathlib.Path)
    two.add_argument("new", type=pathlib.Path)
    two.add_argument("--rule", action="append", default=[], help="this rule alone; may be given again")
    two.add_argument("--set", action="append", default=[], dest="sets", help="this set alone; may be given again")
    two.add_argument("--brief", action="store_true", help="the counts alone")
    args = parser.parse_args()
    if args.command == "take":
        wrong = [s for s in args.sets if s not in ("corpus", "testdata")]
        if wrong or not (args.sets or args.cases or args.tree):
            one.error(f"no set {wrong[0]!r}" if wrong else "name a set, --cases or --tree")
        args.binary = args.binary.resolve()
        if not args.binary.is_file():
            one.error(f"no binary {args.binary}")
    return args


def folder(text):
    path = pathlib.Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path.resolve()


def named(text):
    name, found, path = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=DIR")
    return name, folder(path)


# ---- take


def take(args):
    sets = {}
    if "corpus" in args.sets:
        sets["corpus"] = run(args.binary, ROOT, ["corpus"])
    if "testdata" in args.sets:
        sets["testdata"] = each(args, testdata())
    if args.cases:
        sets["cases"] = each(args, [(args.cases, case) for case in cases(args.cases)])
    for name, path in args.tree:
        sets[name] = run(args.binary, path, ["--tests", "."] if name.endswith("+tests") else ["."])
        print(f"{name}: {len(sets[name]['findings'])} findings", file=sys.stderr)
    version = subprocess.run([args.binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    write(args.out, version, sets)
    print(f"{args.out}: {sum(len(s['findings']) for s in sets.values())} findings of {version} in {', '.join(sets)}")
    return 0


def run(binary, cwd, paths, prefix=""):
    """What goleash finds in `paths`, with `prefix` before each file's name."""
    command = [str(binary), "check", *FLAGS, *paths]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{' '.join(command)} in {cwd} failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    found = sorted((finding(f, prefix) for f in report["findings"]), key=order)
    problems = sorted(f"{prefix}{p.get('file', '')}: {p.get('message', '')}" for p in report.get("problems", []))
    return {"problems": problems, "findings": found}


def finding(f, prefix):
    at = f["location"]
    return {
        "rule": f["rule"],
        "level": f["level"],
        "file": prefix + at["file"],
        "line": at["start"]["line"],
        "function": f.get("function") or "",
        "message": f["message"],
        "steps": [step(s, at["file"], prefix) for s in f["steps"]],
    }


def step(s, file, prefix):
    """Line and text; the file before the line where it is another one than the finding's."""
    at = s["location"]
    where = str(at["start"]["line"])
    return [where if at["file"] == file else f"{prefix}{at['file']}:{where}", s["label"]]


def order(f):
    return f["rule"], f["file"], f["line"], f["message"], f["function"], f["level"], f["steps"]


def testdata():
    """(folder of the rule's cases, case) of every rule."""
    out = []
    for data in sorted(ROOT.glob("rules/*/testdata")):
        out += [(data, p) for p in sorted(data.iterdir()) if p.is_dir() or p.suffix == ".go"]
    return out


def cases(top):
    out = []
    for mod in sorted(top.rglob("go.mod")):
        if not SKIPPED & set(mod.relative_to(top).parts) and any(mod.parent.rglob("*.go")):
            out.append(mod.parent)
    return out


def each(args, work):
    """Every case by itself in a folder that holds nothing else; the results as one set."""
    whole = {"problems": [], "findings": []}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for part in pool.map(lambda w: alone(args.binary, *w), work):
            whole["problems"] += part["problems"]
            whole["findings"] += part["findings"]
    whole["findings"].sort(key=order)
    whole["problems"].sort()
    return whole


def alone(binary, base, case):
    inside = ROOT if case.is_relative_to(ROOT) else base
    shown = case.relative_to(inside).as_posix()
    with tempfile.TemporaryDirectory() as temp:
        here = pathlib.Path(temp)
        if case.is_dir():
            shutil.copytree(case, here, dirs_exist_ok=True)
            shown += "/"
        else:
            shutil.copy(case, here)
            shown = shown[: -len(case.name)]
        if not (here / "go.mod").exists() and (version := go_version(here)):
            (here / "go.mod").write_text(f"module example.com/p\n\ngo {version}\n")
        return run(binary, here, ["--tests", "--threads", "1", "."], shown)


def go_version(here):
    """What a first line `// go 1.22` of one of the files says."""
    for path in sorted(here.rglob("*.go")):
        with open(path, encoding="utf-8", errors="replace") as file:
            if found := re.fullmatch(r"// go (\S+)", file.readline().rstrip("\n")):
                return found[1]
    return None


def write(path, version, sets):
    """One finding a line, so that a record can be read, searched and compared as text."""
    out = [f'{{"record": {FORMAT}, "binary": {json.dumps(version)}, "sets": {{']
    for i, (name, one) in enumerate(sorted(sets.items())):
        out.append(f'{json.dumps(name)}: {{"problems": {json.dumps(one["problems"])}, "findings": [')
        lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in one["findings"]]
        out.append(",\n".join(lines))
        out.append("]}" + ("," if i + 1 < len(sets) else ""))
    out.append("}}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(path.name + ".part")
    temp.write_text("\n".join(line for line in out if line) + "\n", encoding="utf-8")
    temp.replace(path)


# ---- compare


def compare(args):
    old, new = read(args.old), read(args.new)
    names = [n for n in sorted(set(old) | set(new)) if not args.sets or n in args.sets]
    counts = collections.Counter()
    for name in names:
        if name not in old or name not in new:
            # A set that only one of the records has was not run for the other: nothing can be said about it.
            print(f"{name}: only in {args.old if name in old else args.new}, left out", file=sys.stderr)
            continue
        if not args.rule:
            problems(name, old[name], new[name], counts, args)
        rules = sorted({f["rule"] for side in (old, new) for f in side[name]["findings"]})
        for rule in rules:
            if not args.rule or rule in args.rule:
                differences(name, rule, old[name], new[name], counts, args)
    totals(counts)
    return 1 if any(kind != "same" for _, _, kind in counts) else 0


def read(path):
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        print(f"{path}: {e}", file=sys.stderr)
        sys.exit(2)
    if record.get("record") != FORMAT:
        print(f"{path}: no record of this script (format {FORMAT})", file=sys.stderr)
        sys.exit(2)
    return record["sets"]


def problems(name, old, new, counts, args):
    for sign, one, other in (("-", old, new), ("+", new, old)):
        for text in sorted(set(one["problems"]) - set(other["problems"])):
            counts[name, "(problems)", "problem"] += 1
            if not args.brief:
                print(f"{name}: {sign} problem {text}")


# Passes in which findings of the two sides are matched: the strictest first, and what a pass leaves over goes to the next.
PASSES = [
    ("same", ["file", "line", "function", "message", "level", "steps"]),
    ("steps", ["file", "line", "function", "message", "level"]),
    ("level", ["file", "line", "function", "message"]),
    ("message", ["file", "line", "function"]),
    ("message", ["file", "line"]),
    ("moved", ["file", "function", "message"]),
    ("moved", ["file", "function"]),
]


def differences(name, rule, old, new, counts, args):
    left = [f for f in old["findings"] if f["rule"] == rule]
    right = [f for f in new["findings"] if f["rule"] == rule]
    out = []
    for kind, keys in PASSES:
        waiting = collections.defaultdict(list)
        for f in right:
            waiting[json.dumps([f[k] for k in keys])].append(f)
        kept, matched = [], []
        for f in left:
            same = waiting[json.dumps([f[k] for k in keys])]
            if same:
                other = same.pop(0)
                matched.append(id(other))
                out.append((kind, f, other))
            else:
                kept.append(f)
        left, right = kept, [f for f in right if id(f) not in set(matched)]
    out += [("gone", f, None) for f in left] + [("new", None, f) for f in right]
    for kind, _, _ in out:
        counts[name, rule, kind] += 1
    changed = [d for d in out if d[0] != "same"]
    if changed and not args.brief:
        print(f"\n{name} {rule}")
        for kind, a, b in sorted(changed, key=lambda d: (KINDS.index(d[0]), place(d[1] or d[2]))):
            tell(kind, a, b)


def place(f):
    return f["file"], f["line"]


def at(f):
    return f"{f['file']}:{f['line']} {f['level']} ({f['function']}) {f['message']}"


def tell(kind, a, b):
    print(f"  {kind:<8}{at(a or b)}")
    if kind == "level" or (a and b and a["level"] != b["level"]):
        print(f"    level   {a['level']} -> {b['level']}")
    if a is None or b is None:
        return
    if a["line"] != b["line"]:
        print(f"    line    {a['line']} -> {b['line']}")
    for key in ("function", "message"):
        if a[key] != b[key]:
            print(f"    {key:<8}-> {b[key]}")
    for sign, one, other in (("-", a, b), ("+", b, a)):
        for where, text in one["steps"]:
            if [where, text] not in other["steps"]:
                print(f"    {sign} step  {where}: {text}")
    if a["steps"] != b["steps"] and sorted(a["steps"]) == sorted(b["steps"]):
        print("    steps in another order: " + ", ".join(where for where, _ in b["steps"]))


def totals(counts):
    rows = sorted({(name, rule) for name, rule, _ in counts})
    columns = ["same", *KINDS]
    width = max([len(f"{name} {rule}") for name, rule in rows] + [5])
    print("\n" + " " * width + "".join(f"{c:>9}" for c in columns))
    for row in rows:
        if any(counts[(*row, kind)] for kind in KINDS):
            print(f"{' '.join(row):<{width}}" + "".join(f"{counts[(*row, c)] or '.':>9}" for c in columns))
    total = [sum(n for (_, _, kind), n in counts.items() if kind == c) for c in columns]
    print(f"{'total':<{width}}" + "".join(f"{n:>9}" for n in total))


if __name__ == "__main__":
    sys.exit(main())
