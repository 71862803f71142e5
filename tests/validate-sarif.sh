#!/usr/bin/env bash
# Holds SARIF files to Microsoft's validator, with the rules of the standard and those of GitHub Advanced Security.
#
#   tests/validate-sarif.sh [--notes] [FILE.sarif …]     without files: those that the tests expect, and what goleash says of this repository
#
# Errors and warnings fail. Notes are printed with --notes. Needs npm; skips without it, so that no one has to have Node to work on goleash.
# The tool is kept in $GOLEASH_SARIF_TOOLS between runs, else in a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."

levels="Error;Warning"
if [ "${1:-}" = --notes ]; then levels="Error;Warning;Note"; shift; fi
if ! command -v npm >/dev/null; then
    echo "validate-sarif: skipped, npm is not installed"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${GOLEASH_SARIF_TOOLS:-$work/tools}
mkdir -p "$tools"
if [ ! -d "$tools/node_modules/@microsoft/sarif-multitool" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools" @microsoft/sarif-multitool
fi

# The package's own launcher hands its arguments to a shell, which takes `Sarif;Ghas` for two commands.
tool=$(node -p 'require(process.argv[1])' "$tools/node_modules/@microsoft/sarif-multitool")
chmod +x "$tool"

if [ $# = 0 ]; then
    cargo build --quiet
    # The project's own cases are what it finds most in.
    cases=()
    for folder in corpus rules/*/testdata; do
        [ ! -d "$folder" ] || cases+=("$folder")
    done
    target/debug/goleash check --format sarif --level note --exit-zero --output "$work/own.sarif" "${cases[@]:-.}"
    set -- tests/cli/expected/*.sarif "$work/own.sarif"
fi
# The tool is a .NET program, which otherwise asks for ICU.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
failed=0
for file in "$@"; do
    # It exits with 0 whatever it finds: its own log tells.
    "$tool" validate "$file" --rule-kind "Sarif;Ghas" --level "$levels" --output "$work/log.sarif" --log "ForceOverwrite" --max-file-size-in-kb 1000000 \
        >"$work/out" 2>&1 || { cat "$work/out"; failed=1; continue; }
    found=$(node -e '
        const log = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").replace(/^\uFEFF/, ""));
        const results = log.runs.flatMap(run => run.results ?? []);
        const notices = log.runs.flatMap(run => (run.invocations ?? []).flatMap(i => i.toolExecutionNotifications ?? []));
        const bad = [...results, ...notices].filter(r => (r.level ?? "warning") === "error" || (r.level ?? "warning") === "warning");
        console.log(bad.length);
    ' "$work/log.sarif")
    grep -E ' (error|warning|note) [A-Z0-9]+:' "$work/out" || true
    echo "$file: $found errors and warnings"
    [ "$found" = 0 ] || failed=1
done
exit $failed
