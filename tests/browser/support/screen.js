// screen.js: a Chromium that looks at the page. Whatever the browser complains about, as a breach of the CSP or an
// error in a script, fails the test; axe looks for what keeps people out; pictures go to build/ci/screenshots.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

// By the debugger, as the page's own CSP would not let it in.
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8") + "; null";
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export const COLOURS = ["color-contrast"]; // what may differ by day
const PICTURES = process.env.NAVVY_SCREENSHOTS;
const LIMIT_MS = 15000;

// A server that is away is part of some tests.
const EXPECTED = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|status of (4\d\d|503)/;

export async function openScreen(t, url, options = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  t.after(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: 1240, height: 900 }, colorScheme: "dark", reducedMotion: "reduce", ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const complaints = [];
  const { origin } = new URL(url);
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("dialog", (dialog) => { complaints.push(`a script opened ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) complaints.push(`asked ${request.url()}`);
  });
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type()) && !EXPECTED.test(line.text())) complaints.push(line.text());
  });
  await page.goto(url);
  return new Screen(page, complaints);
}

class Screen {
  constructor(page, complaints) {
    Object.assign(this, { page, complaints });
  }

  // go("q", "email", "dlq")
  async go(...parts) {
    await this.page.evaluate((hash) => { location.hash = hash; }, "#/" + parts.map(encodeURIComponent).join("/"));
  }
  see(text, options) {
    return this.page.getByText(text, options).first().waitFor();
  }
  click(name, options) {
    return this.page.getByRole("button", { name, ...options }).first().click();
  }
  follow(name, options) {
    return this.page.getByRole("link", { name, ...options }).first().click();
  }
  get dialog() {
    return this.page.getByRole("dialog");
  }
  text() {
    return this.page.evaluate(() => document.body.innerText);
  }

  async picture(name) {
    if (!PICTURES) return;
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  // wellMade: nothing was complained about, nothing sticks out, and nobody is kept out.
  async wellMade(name, rules = RULES) {
    await this.picture(name);
    assert.deepEqual(this.complaints, [], name);
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${name}: the page is ${over} px wider than the window`);
    if (!(await this.page.evaluate(() => Boolean(window.axe)))) await this.page.evaluate(AXE);
    const found = await this.page.evaluate((runOnly) => window.axe.run(document, {
      runOnly, resultTypes: ["violations"],
    }), rules);
    const words = found.violations.flatMap((v) => v.nodes.slice(0, 4).map((node) =>
      `${v.id}: ${node.html.slice(0, 160)}\n${node.failureSummary}`));
    assert.deepEqual(words, [], name);
  }
}
