#!/usr/bin/env python3
"""How the time of the new core grows with one thing at a time: prints what doubling it costs.

    benches/families.py [--goleash BIN] [--from N] [--to N] [--only NAME] [--runs N]

Writes Go packages that differ in the number of one thing (channels in a function, cases of a select, goroutines, …), has each explored, and
prints the seconds of the processor and how many times that of half the size they are. The last line has the greatest factor among sizes that
take 50 ms or more; below that the start of the process and the clock decide. The limit is 2.2.
"""

import argparse
import datetime
import os
import pathlib
import platform
import resource
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMALLEST = 0.05


def lines(n, line):
    return "".join(line.format(i=i, next=i + 1) for i in range(n))


def channels(n):
    return "func F() {\n" + lines(n, "\tc{i} := make(chan int, 1)\n\tc{i} <- {i}\n\t<-c{i}\n") + "}\n"


def cases(n):
    return f"func F(cs [{n}]chan int, done chan int) {{\n\tgo func() {{ done <- 1 }}()\n\tselect {{\n" + lines(n, "\tcase <-cs[{i}]:\n") + "\t}\n\t<-done\n}\n"


def goroutines(n):
    return "func F() {\n\tc := make(chan int)\n" + lines(n, "\tgo func() {{ c <- {i} }}()\n") + lines(n, "\t<-c\n") + "}\n"


def closures(n):
    return "func F() {\n\tc := make(chan int)\n\tgo func() { c <- 1 }()\n\tx := 0\n" + lines(n, "\tf{i} := func() {{ x += {i} }}\n\tf{i}()\n") + "\t<-c\n}\n"


def chain(n):
    return "func F() {\n\tc := make(chan int)\n\tgo f0(c)\n\t<-c\n}\n" + lines(n, "\nfunc f{i}(c chan int) {{ f{next}(c) }}\n") + f"\nfunc f{n}(c chan int) {{ c <- 1 }}\n"


def conditions(n):
    return "func G(int) bool\n\nfunc F() {\n\tc := make(chan int, 1)\n" + lines(n, "\tif G({i}) {{\n\t\tG({i})\n\t}}\n") + "\tc <- 1\n}\n"


def deciding(n):
    return "func G(int) bool\n\nfunc F() {\n\tc := make(chan int, 1)\n" + lines(n, "\tif G({i}) {{\n\t\treturn\n\t}}\n") + "\tc <- 1\n}\n"


def implementers(n):
    types = lines(n, "\ntype t{i} struct{{}}\n\nfunc (t{i}) Run(c chan int) {{ c <- {i} }}\n")
    return "type R interface{ Run(c chan int) }\n\nfunc F(r R) {\n\tc := make(chan int)\n\tgo r.Run(c)\n\t<-c\n}\n" + types


def fields(n):
    return "type T struct {\n" + lines(n, "\tf{i} chan int\n") + "}\n\nfunc F() {\n\tt := &T{}\n" + lines(n, "\tt.f{i} = make(chan int, 1)\n") + "\tt.f0 <- 1\n\t<-t.f0\n}\n"


def functions(n):
    return lines(n, "func F{i}() {{\n\tc := make(chan int)\n\tgo func() {{ c <- 1 }}()\n\t<-c\n}}\n\n")


FAMILIES = [channels, cases, goroutines, closures, chain, conditions, deciding, implementers, fields, functions]


def seconds(goleash, text, runs):
    """The least seconds of the processor of some runs."""
    best = float("inf")
    with tempfile.TemporaryDirectory(prefix="goleash-family-") as folder:
        path = pathlib.Path(folder)
        (path / "go.mod").write_text("module m\n\ngo 1.25\n")
        (path / "a.go").write_text("package m\n\n" + text)
        for _ in range(runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([goleash, "debug", "core", folder, "--explore", "findings"], check=True, stdout=subprocess.DEVNULL, timeout=600)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goleash", default=str(ROOT / "target" / "release" / "goleash"))
    parser.add_argument("--from", dest="least", type=int, default=100)
    parser.add_argument("--to", dest="most", type=int, default=6400)
    parser.add_argument("--only", choices=[family.__name__ for family in FAMILIES], action="append")
    parser.add_argument("--runs", type=int, default=2)
    args = parser.parse_args()
    print(f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}")
    worst = (0.0, "")
    for family in FAMILIES:
        if args.only and family.__name__ not in args.only:
            continue
        size, before, row = args.least, None, []
        while size <= args.most:
            now = seconds(args.goleash, family(size), args.runs)
            factor = now / before if before else None
            row.append(f"{size}: {now:.3f} s" + (f" x{factor:.2f}" if factor else ""))
            if factor and now >= SMALLEST:
                worst = max(worst, (factor, f"{family.__name__} from {size // 2} to {size}"))
            size, before = size * 2, now
        print(f"{family.__name__:>13}  " + "  ".join(row), flush=True)
    print(f"greatest factor: {worst[0]:.2f} ({worst[1]})")


if __name__ == "__main__":
    main()
