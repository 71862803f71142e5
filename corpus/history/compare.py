#!/usr/bin/env python3
"""Holds goleash to leaks that people have already mended.

commits.json names commits of public projects that mend a goroutine which would not end. For each, this writes the Go
files of the tree before and of the tree after it into a cache folder, runs goleash on the package, and tells whether
the leak was found before and is gone after. Only Python's standard library and `git` are needed.

    compare.py --mirrors DIR --goleash BINARY --cache DIR [--only TEXT] [--misses] [--json FILE]

DIR holds one bare repository for each project: DIR/owner+name/repo, DIR/owner/name.git or DIR/name.git.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SPOKEN = ("error", "warning")


def mirror(root, repo):
    """The bare repository of `owner/name` under `root`, in one of the usual layouts."""
    owner, name = repo.split("/")
    for path in (f"{owner}+{name}/repo", f"{owner}/{name}.git", f"{name}.git", name):
        if (root / path / "objects").is_dir():
            return root / path
    return None


def wanted(path):
    """What the analysis reads: Go files and go.mod, without tests and copies of other projects."""
    parts = path.split("/")
    if any(part in ("vendor", "testdata", "Godeps", "node_modules") for part in parts[:-1]):
        return False
    return parts[-1] == "go.mod" or (path.endswith(".go") and not path.endswith("_test.go"))


def blobs(git, hashes, store):
    """Writes the blobs that the store does not have yet. A thinned mirror may lack some: they are left out."""
    missing = [name for name in hashes if not (store / name[:2] / name).exists()]
    if not missing:
        return
    read = subprocess.run(
        ["git", "--git-dir", str(git), "cat-file", "--batch"],
        input="\n".join(missing).encode() + b"\n",
        capture_output=True,
        check=True,
    ).stdout
    at = 0
    while at < len(read):
        line_end = read.index(b"\n", at)
        head = read[at:line_end].decode().split()
        at = line_end + 1
        if head[-1] == "missing":
            continue
        size = int(head[2])
        file = store / head[0][:2] / head[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(read[at : at + size])
        at += size + 1


def tree(git, revision, cache):
    """The Go files of a revision as a folder. Blobs are hard links, because most of them stay from commit to commit."""
    folder = cache / "trees" / revision
    if folder.is_dir():
        return folder
    listed = subprocess.run(
        ["git", "--git-dir", str(git), "ls-tree", "-r", "-z", revision], capture_output=True, check=True
    ).stdout.decode(errors="surrogateescape")
    files = []
    for entry in filter(None, listed.split("\0")):
        meta, path = entry.split("\t", 1)
        mode, kind, name = meta.split()
        if kind == "blob" and mode != "120000" and wanted(path):
            files.append((path, name))
    blobs(git, sorted({name for _, name in files}), cache / "blobs")
    partial = folder.with_suffix(f".{os.getpid()}")
    for path, name in files:
        blob = cache / "blobs" / name[:2] / name
        if blob.exists():
            place = partial / path
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(blob, place)
    partial.rename(folder)
    return folder


def findings(binary, folder, path):
    """What goleash says about the package of `path`, at every level."""
    package = os.path.dirname(path) or "."
    run = subprocess.run(
        [str(binary), "check", "--format", "json", "--level", "note", "--exit-zero", package],
        cwd=folder,
        capture_output=True,
    )
    if run.returncode != 0:
        sys.exit(f"goleash failed on {folder}/{package}: {run.stderr.decode(errors='replace')}")
    return json.loads(run.stdout)["findings"]


def places(finding):
    """Every place of a finding's argument: (file, first line, last line) of its location and of its steps."""
    spots = [finding["location"]] + [step["location"] for step in finding["steps"]]
    return [(spot["file"], spot["start"]["line"], spot["end"]["line"]) for spot in spots]


def speaks_of(finding, case):
    """Whether a finding starts on one of the lines that matter, or one of its steps does."""
    return any(file == case["path"] and start in case["lines"] for file, start, _ in places(finding))


def same(finding, other):
    """Whether two findings of different trees are about one thing; lines may have moved between them."""
    key = ("rule", "function", "message")
    return finding["fingerprint"] == other["fingerprint"] or (
        finding["location"]["file"] == other["location"]["file"] and all(finding[k] == other[k] for k in key)
    )


def judge(case, binary, git, cache):
    """Runs both trees of a case: the answer, the rule that spoke, and whether it fell silent after the commit."""
    before = findings(binary, tree(git, case["parent"], cache), case["path"])
    hits = [found for found in before if speaks_of(found, case)]
    spoken = [found for found in hits if found["level"] in SPOKEN]
    if not spoken:
        return {"answer": "note" if hits else "missed", "by": sorted({h["rule"] for h in hits}), "gone": None}
    after = findings(binary, tree(git, case["commit"], cache), case["path"])
    expected = [found for found in spoken if found["rule"] == case["rule"]]
    chosen = expected or spoken
    gone = any(not any(same(found, other) for other in after) for found in chosen)
    return {"answer": "found", "by": sorted({found["rule"] for found in chosen}), "gone": gone}


def table(rows, key, order=None):
    """Counts for one property of the cases, a line for each value of it."""
    groups = collections.defaultdict(list)
    for case, result in rows:
        groups[case[key]].append(result)
    names = [name for name in order if name in groups] if order else sorted(groups)
    print(f"\n| {key} | commits | found before | of these gone after | a note only | missed |\n|---|---|---|---|---|---|")
    for name in names:
        print(f"| {name} | {counts(groups[name])} |")
    print(f"| **all** | {counts([result for _, result in rows])} |")


def counts(results):
    """The cells of one line of a table."""
    tally = collections.Counter(result["answer"] for result in results)
    gone = sum(1 for result in results if result["gone"])
    return f"{len(results)} | {tally['found']} | {gone} | {tally['note']} | {tally['missed']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--mirrors", required=True, type=pathlib.Path, help="folder of bare repositories")
    parser.add_argument("--goleash", required=True, type=pathlib.Path, help="the binary to ask")
    parser.add_argument("--cache", required=True, type=pathlib.Path, help="folder for the trees; outside any Go module")
    parser.add_argument("--only", default="", help="only commits whose repository, hash, path or rule holds this text")
    parser.add_argument("--misses", action="store_true", help="list only what was not found or did not go away")
    parser.add_argument("--json", type=pathlib.Path, help="write the answers to a file")
    options = parser.parse_args()
    cache, binary = options.cache.resolve(), options.goleash.resolve()
    (cache / "trees").mkdir(parents=True, exist_ok=True)

    rows, answers = [], []
    print("| repository | commit | file | rule | visible in | before | by | after |\n|---|---|---|---|---|---|---|---|")
    for case in json.loads((HERE / "commits.json").read_text()):
        about = " ".join([case["repo"], case["commit"], case["path"], case["rule"]])
        git = mirror(options.mirrors, case["repo"])
        if options.only not in about or git is None:
            continue
        result = judge(case, binary, git, cache)
        rows.append((case, result))
        after = {True: "gone", False: "stays", None: ""}[result["gone"]]
        answers.append({"commit": case["commit"], "path": case["path"], **result})
        if not (options.misses and after == "gone"):
            line = f"{case['path']}:{case['lines'][0]}"
            by = ", ".join(result["by"])
            print(f"| {case['repo']} | {case['commit'][:9]} | {line} | {case['rule']} | {case['visible']} |", end="")
            print(f" {result['answer']} | {by} | {after} |", flush=True)
    table(rows, "visible", ["function", "package", "packages", "beyond"])
    table(rows, "rule")
    table(rows, "repo")
    if options.json:
        options.json.write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
