"""The tables that the benchmarks write into documents, each between two markers of its own."""

import datetime
import os
import pathlib
import platform

ROOT = pathlib.Path(__file__).resolve().parent.parent
PERFORMANCE = "docs/performance.md"


def machine(tree):
    """The day, the machine's shape, and the Go release that a tree is the source of."""
    version = (tree.parent / "VERSION").read_text().split()[0].removeprefix("go")
    system = f"{platform.system()} {platform.machine()}"
    return f"{datetime.date.today().isoformat()}, {os.cpu_count()} cores, {system}, source of Go {version}"


def write(name, text, document=PERFORMANCE):
    """Puts a text into a document of the repository, between the markers `<!-- NAME:begin -->` and `<!-- NAME:end -->`."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    page = ROOT / document
    before, rest = page.read_text().split(begin)
    _, after = rest.split(end)
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
