#!/usr/bin/env bash
# A step of action.yml: checks, tells the findings in the log, and leaves a SARIF log for the next steps.
set -euo pipefail

options=()
[ -z "${INPUT_LEVEL:-}" ] || options+=("--level=$INPUT_LEVEL")
[ "${INPUT_TESTS:-false}" != true ] || options+=(--tests)
[ -z "${INPUT_CONFIG:-}" ] || options+=("--config=$INPUT_CONFIG")
[ -z "${INPUT_BASELINE:-}" ] || options+=("--baseline=$INPUT_BASELINE")
[ -z "${INPUT_NEW_FROM:-}" ] || options+=("--new-from=$INPUT_NEW_FROM")
paths=()
while IFS= read -r path; do
    path=${path%$'\r'}
    [ -z "$path" ] || paths+=("$path")
done <<<"${INPUT_PATHS:-.}"
[ ${#paths[@]} != 0 ] || paths=(.)

sarif=$RUNNER_TEMP/goleash.sarif
# The report quotes the code, and a line of code must not become a command to the runner.
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$word"
code=0
goleash check ${options[@]+"${options[@]}"} -- "${paths[@]}" || code=$?
if [ "$code" -le 1 ]; then
    goleash check --format sarif --output "$sarif" --exit-zero ${options[@]+"${options[@]}"} -- "${paths[@]}" 2>"$RUNNER_TEMP/goleash.log" || {
        code=$?
        cat "$RUNNER_TEMP/goleash.log"
    }
fi
echo "::$word::"
if [ "$code" -gt 1 ]; then
    echo "::error title=goleash::goleash could not do what it was asked"
    exit "$code"
fi
findings=false
[ "$code" = 0 ] || findings=true
{
    echo "findings=$findings"
    echo "sarif=$sarif"
} >>"$GITHUB_OUTPUT"
