// Makes the npm packages of a release from its binaries; see README.md beside this file.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const systems = process.argv.slice(2).map((argument) => argument.split("="));
if (systems.length === 0 || systems.some(([system, binary]) => !/^(linux|darwin|win32)-(x64|arm64)$/.test(system) || !binary)) {
  console.error("usage: node npm/pack.mjs SYSTEM=BINARY…, as in linux-x64=target/dist/goleash");
  process.exit(2);
}

const version = /^version = "(.+)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const common = {
  version,
  license: "MIT OR Apache-2.0",
  repository: { type: "git", url: "git+https://github.com/goleash/goleash.git" },
};
const dist = join(here, "dist");
const work = mkdtempSync(join(tmpdir(), "goleash-npm-"));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

function pack(folder, manifest) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, ...common }, null, 2) + "\n");
  for (const license of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(join(root, license), join(folder, license));
  }
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], { cwd: folder, stdio: "inherit" });
}

for (const [system, binary] of systems) {
  const [os, cpu] = system.split("-");
  const name = os === "win32" ? "goleash.exe" : "goleash";
  const folder = join(work, system);
  mkdirSync(folder);
  copyFileSync(binary, join(folder, name));
  chmodSync(join(folder, name), 0o755);
  pack(folder, { name: `@goleash/${system}`, description: `goleash for ${system}`, os: [os], cpu: [cpu], files: [name] });
}

const main = join(work, "goleash");
cpSync(join(here, "goleash"), main, { recursive: true });
copyFileSync(join(root, "README.md"), join(main, "README.md"));
pack(main, {
  name: "goleash",
  description: "Finds goroutines that never end in Go source",
  keywords: ["go", "goroutine", "leak", "linter", "sarif"],
  bin: { goleash: "bin/goleash.js" },
  files: ["bin"],
  engines: { node: ">=18" },
  optionalDependencies: Object.fromEntries(systems.map(([system]) => [`@goleash/${system}`, version])),
});
rmSync(work, { recursive: true });
