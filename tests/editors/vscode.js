// Opens the leaking file of the folder LEAK_DIR in VS Code, which is served at ADDRESS, and waits for its diagnostic; applies the first quick fix
// and waits until the diagnostic is gone; undoes it, and does the same with the comment that excuses a finding.
const { chromium } = require(process.env.PLAYWRIGHT || "playwright-core");

const seen = ".squiggly-error";

async function lines(page) {
  return (await page.locator(".view-line").allInnerTexts()).map((line) => line.replace(/\s+/g, " ").trim());
}

async function pick(page, title, expected) {
  await page.waitForSelector(seen, { timeout: 60000 });
  await page.keyboard.press("Control+Shift+M");
  const rows = page.locator(".markers-panel .monaco-list-row");
  await page.waitForFunction(() => document.querySelectorAll(".markers-panel .monaco-list-row").length > 2, null, { timeout: 30000 });
  for (const row of await rows.allInnerTexts()) console.log(row.replace(/\s+/g, " "));
  await rows.nth(1).dblclick();
  const action = page.locator(".action-widget .monaco-list-row", { hasText: title });
  // The offers come from the server, and a key that is pressed too early is lost.
  for (let tries = 0; tries < 10 && (await action.count()) === 0; tries++) {
    await page.keyboard.press("Control+.");
    await page.waitForTimeout(1000);
  }
  console.log(`picked: ${await action.first().innerText()}`);
  const focused = page.locator(".action-widget .monaco-list-row.focused");
  while (!(await focused.innerText()).includes(title)) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction((mark) => !document.querySelector(mark), seen, { timeout: 30000 });
  const line = (await lines(page)).find((line) => expected.test(line));
  if (!line) throw new Error(`no line is like ${expected}: ${await lines(page)}`);
  console.log(`gone: ${line}`);
}

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1300, height: 850 } });
  await page.goto(`${process.env.ADDRESS}/?folder=${process.env.LEAK_DIR}`);
  const entry = '.explorer-folders-view [aria-label^="leak.go"]';
  await page.waitForSelector(entry, { timeout: 60000 });
  await page.dblclick(entry);
  await pick(page, "Make room", /make\(chan string, 1\)/);
  await page.locator(".monaco-editor .view-line").first().click();
  await page.keyboard.press("Control+Z");
  await pick(page, "Ignore this", /goleash:ignore/);
  await browser.close();
}

main().catch((error) => {
  console.error(`vscode: ${error.message}`);
  process.exit(1);
});
