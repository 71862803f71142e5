#!/usr/bin/env node
// Runs the binary of this system's package, with the same arguments, streams and exit code.
"use strict";

const { spawnSync } = require("node:child_process");

const system = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "goleash.exe" : "goleash";

let binary;
try {
  binary = require.resolve(`@goleash/${system}/${name}`);
} catch {
  console.error(`goleash: there is no package @goleash/${system}; was it left out by --omit=optional? Other ways: https://github.com/goleash/goleash#install`);
  process.exit(2);
}

const ran = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`goleash: ${binary} cannot be run: ${ran.error.message}`);
  process.exit(2);
}
if (ran.signal) {
  process.kill(process.pid, ran.signal);
}
process.exit(ran.status ?? 2);
