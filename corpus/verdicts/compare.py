#!/usr/bin/env python3
"""Compares what goleash says of real repositories with the verdicts that people gave on its findings.

    compare.py --repo minio=DIR [--repo nsq=DIR …]          what is new, gone, back again, and the precision of each rule
    compare.py --repo minio=DIR … --draw 20 --seed 7         a random sample of findings to judge, with their steps
    compare.py --repo minio=DIR --enter                      write findings without a verdict into minio.json as "unjudged"
    compare.py --judge minio cmd/a.go:12 RULE false "REASON" give one verdict
    compare.py --write                                       the table of docs/precision.md, from the verdicts alone

DIR is a checkout; corpus/verdicts/README.md tells which commit. The name `go` stands for Go's own `src`: verdicts on its code live in
corpus/go-src-verdicts.json and are written by `cargo test --test main stdlib::`, those on its tests in go-tests.json.

Exit code 1: a finding judged false is back (it was mended before), or one judged true is gone. `--no-fail` keeps it 0.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LEVELS = ["note", "warning", "error"]
VERDICTS = ["true", "false", "arguable", "unjudged"]
KEYS = ["path", "line", "rule", "level", "function", "message", "fingerprint", "found", "verdict", "reason"]
BEGIN, END = "<!-- verdicts:begin -->", "<!-- verdicts:end -->"


def main():
    args = arguments()
    if args.judge:
        return judge(*args.judge)
    if args.write:
        return write_table()
    if not args.repo:
        sys.exit("name a checkout with --repo NAME=DIR; see --help")
    bad, results = 0, []
    for name, folder in sorted(args.repo):
        book = Book(name)
        result = Result(name, book, run(args, folder), args)
        results.append(result)
        if args.enter:
            book.enter(result, folder, args)
        elif args.draw is None:
            bad += result.print()
    if args.draw is not None:
        draw(results, args)
    elif not args.enter:
        print_rules(results)
    return 1 if bad and not args.no_fail else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goleash", default=str(ROOT / "target" / "release" / "goleash"), help="the binary; default: target/release")
    parser.add_argument("--repo", action="append", type=named, default=[], metavar="NAME=DIR")
    parser.add_argument("--rule", action="append", default=[], help="this rule alone; may be given again")
    parser.add_argument("--level", choices=LEVELS, default="warning", help="findings at or above it (default: warning)")
    parser.add_argument("--tests", action="store_true", help="look at _test.go files too, and at verdicts on them")
    parser.add_argument("--draw", type=int, metavar="N", help="print a sample of N findings instead")
    parser.add_argument("--seed", type=int, default=1, help="of --draw: the same seed gives the same sample")
    parser.add_argument("--all", action="store_true", help="with --draw: from all findings, not only from those without a verdict")
    parser.add_argument("--enter", action="store_true", help="write new findings as unjudged, and which judged ones are still found")
    parser.add_argument("--judge", nargs=5, metavar=("NAME", "PATH:LINE", "RULE", "VERDICT", "REASON"))
    parser.add_argument("--write", action="store_true", help="write the table of precisions into docs/precision.md")
    parser.add_argument("--no-fail", action="store_true", help="exit code 0 whatever came out")
    return parser.parse_args()


def named(text):
    name, found, folder = text.partition("=")
    if not found or not pathlib.Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=DIR with a folder that is there")
    return name, folder


def run(args, folder):
    """Every finding in a checkout, notes too: one that changed its level is not gone."""
    command = [str(pathlib.Path(args.goleash).resolve()), "check", "--format", "json", "--exit-zero", "--level", "note"]
    command += ["--tests"] if args.tests else []
    command += ["--rule", ",".join(args.rule)] if args.rule else []
    done = subprocess.run(command + ["."], cwd=folder, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode} in {folder}")
    return [Finding(found) for found in json.loads(done.stdout)["findings"]]


class Finding:
    def __init__(self, found):
        self.raw = found
        self.rule, self.level, self.function = found["rule"], found["level"], found["function"]
        self.path, self.line = found["location"]["file"], found["location"]["start"]["line"]
        self.message, self.fingerprint = " ".join(found["message"].split()[:8]), found["fingerprint"]

    def key(self):
        return (self.path, self.line, self.rule, self.level, self.function, self.fingerprint)

    def entry(self):
        out = {key: getattr(self, key) for key in ("path", "line", "rule", "level", "function", "message", "fingerprint")}
        return {**out, "found": True, "verdict": "unjudged", "reason": ""}


class Book:
    """The verdicts on one repository."""

    def __init__(self, name):
        self.name, self.go = name, name == "go"
        self.path = HERE.parent / "go-src-verdicts.json" if self.go else HERE / f"{name}.json"
        self.head, self.entries = {"repo": name, "commit": ""}, []
        if self.path.exists():
            read = json.loads(self.path.read_text())
            self.entries = read if self.go else read.pop("entries")
            self.head = self.head if self.go else read
        # What tests of Go's own source are found for is judged here; its code is judged elsewhere.
        if self.go:
            self.path = HERE / "go-tests.json"
            self.head = {"repo": "golang/go", "commit": "go1.27.3"}
            self.entries += json.loads(self.path.read_text())["entries"] if self.path.exists() else []

    def enter(self, result, folder, args):
        here = lambda path: not self.go or path.endswith("_test.go")
        for entry, finding in result.pairs:
            entry.update({**finding.entry(), "verdict": entry["verdict"], "reason": entry["reason"]})
        for entry in result.lost:
            entry["found"] = False
        new = [finding.entry() for finding in result.new if at_least(finding.level, args.level) and here(finding.path)]
        # Nobody judged it and it is gone: there is nothing to remember.
        self.entries = [e for e in self.entries if e.get("found", True) or e["verdict"] != "unjudged"] + new
        commit = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
        self.head["commit"] = commit or self.head["commit"]
        self.write()
        print(f"{self.path.name}: {len(new)} new, {len(result.lost)} no longer found, {len(self.entries)} in all")

    def write(self):
        """One entry a line, sorted, so that what two people add merges."""
        if self.go:
            # Those on its code are entered by UPDATE=1 cargo test --test main stdlib::
            self.entries = [e for e in self.entries if e["path"].endswith("_test.go")]
        self.entries.sort(key=lambda e: (e["path"], e["line"], e["rule"], e["fingerprint"]))
        head = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in self.head.items())
        keys = lambda e: KEYS + ["only"] * ("only" in e)
        lines = [json.dumps({key: e[key] for key in keys(e)}, ensure_ascii=False) for e in self.entries]
        self.path.write_text("{\n" + head + '"entries": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


class Result:
    """Findings and verdicts, matched."""

    def __init__(self, name, book, findings, args):
        self.name, self.level, self.pairs = name, args.level, []
        mode = "tests" if args.tests else "code"
        here = lambda e: e.get("only", mode) == mode and (args.tests or not e["path"].endswith("_test.go"))
        asked = lambda e: (not args.rule or e["rule"] in args.rule) and here(e)
        self.lost = [e for e in book.entries if asked(e)]
        self.new = sorted(findings, key=Finding.key)
        # From the surest sign to the weakest. Lines move, and so do findings within a function.
        self.match(lambda e, f: e.get("fingerprint") == f.fingerprint)
        self.match(lambda e, f: e["line"] == f.line and e["function"] == f.function)
        self.match(lambda e, f: e["function"] == f.function and e.get("message") == f.message)
        self.match(lambda e, f: e["function"] == f.function)

    def match(self, same):
        for entry in list(self.lost):
            fits = [f for f in self.new if f.rule == entry["rule"] and f.path == entry["path"] and same(entry, f)]
            if fits:
                finding = min(fits, key=lambda f: abs(f.line - entry["line"]))
                self.pairs.append((entry, finding))
                self.lost.remove(entry)
                self.new.remove(finding)

    def shown(self):
        """Findings at the level asked for, with their verdicts."""
        both = [(f, e["verdict"]) for e, f in self.pairs] + [(f, "unjudged") for f in self.new]
        return sorted(((f, v) for f, v in both if at_least(f.level, self.level)), key=lambda pair: pair[0].key())

    def print(self):
        """What changed; how much of it is worse."""
        told = lambda e: f"{e['path']}:{e['line']}: {e['level']}[{e['rule']}] in {e['function'] or 'the file'} ({e['verdict']}: {e['reason']})"
        was = lambda e: e.get("found", True)
        lines, bad = [], 0
        for finding in self.new:
            if at_least(finding.level, self.level):
                lines.append(f"  new   {place(finding)}: {finding.raw['message']}")
        for entry, finding in self.pairs:
            if not at_least(max(finding.level, entry["level"], key=LEVELS.index), self.level):
                continue
            if not was(entry):
                bad += entry["verdict"] == "false"
                lines.append(f"  back  {told(entry)}")
            elif finding.level != entry["level"]:
                lines.append(f"  level {told(entry)}: now {finding.level}")
        for entry in self.lost:
            if was(entry) and at_least(entry["level"], self.level):
                bad += entry["verdict"] == "true"
                lines.append(f"  lost  {told(entry)}")
        counts = collections.Counter(verdict for _, verdict in self.shown())
        print(f"{self.name}: {sum(counts.values())} findings: " + ", ".join(f"{counts[v]} {v}" for v in VERDICTS))
        print("\n".join(lines) + "\n" if lines else "", end="")
        return bad


def place(finding):
    return f"{finding.path}:{finding.line}: {finding.level}[{finding.rule}] in {finding.function or 'the file'}"


def at_least(level, least):
    return LEVELS.index(level) >= LEVELS.index(least)


def table(judged):
    """Rows of one table: rule, findings, and how many of them are worth what."""
    counts = collections.defaultdict(collections.Counter)
    for rule, verdict in judged:
        counts[rule][verdict] += 1
        counts["all"][verdict] += 1
    for rule in sorted(set(counts) - {"all"}) + ["all"] * bool(counts):
        c = counts[rule]
        decided = c["true"] + c["false"]
        share = f"{100 * c['true'] / decided:.0f} %" if decided else "–"
        yield [rule, sum(c.values()), *(c[v] for v in VERDICTS), share]


def print_rules(results):
    rows = [["rule", "findings", *VERDICTS, "precision"]]
    rows += list(table((f.rule, verdict) for result in results for f, verdict in result.shown()))
    for row in rows:
        print(f"{row[0]:24}" + "".join(f"{cell!s:>10}" for cell in row[1:]))


def draw(results, args):
    pool = [(result.name, f, v) for result in results for f, v in result.shown() if args.all or v == "unjudged"]
    pool.sort(key=lambda item: (item[0], item[1].key()))
    sample = random.Random(args.seed).sample(pool, min(args.draw, len(pool)))
    print(f"{len(sample)} of {len(pool)} findings, seed {args.seed}")
    for level in reversed(LEVELS):
        counts = collections.Counter(v for _, f, v in sample if f.level == level)
        print(f"  {level}: " + ", ".join(f"{counts[v]} {v}" for v in VERDICTS) if counts else "", end="\n" if counts else "")
    print()
    for number, (name, finding, verdict) in enumerate(sample, 1):
        print(f"{number:3} {name} {place(finding)} ({verdict})\n      {finding.raw['message']}")
        for at, step in enumerate(finding.raw["steps"], 1):
            where = step["location"]
            print(f"      {at} {where['file']}:{where['start']['line']}: {step['label']}")
        print()


def judge(name, where, rule, verdict, reason):
    book = Book(name)
    path, _, line = where.rpartition(":")
    fits = [e for e in book.entries if (e["path"], str(e["line"]), e["rule"]) == (path, line, rule)]
    if not fits or verdict not in VERDICTS or not (reason or verdict == "unjudged"):
        sys.exit(f"{where} [{rule}] has no entry in {book.path.name} (--enter writes it), or {verdict!r} is none of {VERDICTS}, or no reason")
    for entry in fits:
        entry.update(verdict=verdict, reason=reason)
    book.write()
    return 0


def write_table():
    books = [Book(path.stem) for path in sorted(HERE.glob("*.json")) if path.stem != "go-tests"] + [Book("go")]
    books = [book for book in books if book.entries]
    here = [(e["rule"], e["verdict"]) for book in books for e in book.entries if e.get("found", True) and e["level"] != "note"]
    gone = sum(not e.get("found", True) and e["verdict"] == "false" for book in books for e in book.entries)
    lines = [f"Findings at warning or above in {', '.join('Go itself' if book.go else book.name for book in books)} that a person looked at; "
             f"{gone} false alarms that were judged and fixed are not among them.", ""]
    lines += ["| rule | findings | true | false | arguable | not judged | true of true and false |", "|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table(here)]
    page = ROOT / "docs" / "precision.md"
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
