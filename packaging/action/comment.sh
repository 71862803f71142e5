#!/usr/bin/env bash
# A step of action.yml: posts the findings on the pull request. That they cannot be posted is no reason to fail: pull requests from forks never can.
set -euo pipefail

word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$word"
code=0
goleash review "$SARIF" 2>&1 || code=$?
echo "::$word::"
if [ "$code" != 0 ]; then
    echo "::warning title=goleash::The findings could not be posted on the pull request; the log of this step says why"
fi
