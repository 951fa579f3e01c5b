// navvy goes away and comes back: the page says so, keeps what it knew, and goes on by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

test("the page outlives a restart of navvy", async (t) => {
  const fleet = await startFleet(t);
  const screen = await openScreen(t, fleet.url);
  await screen.see("All is well");
  await screen.page.evaluate(() => { window.sameDocument = true; });
  await fleet.halt();
  await screen.see(/navvy is away .*asking again in \d+ s/);
  await screen.see(/You are looking at the past: navvy does not answer .* What stands here is of 20/);
  assert.doesNotMatch(await screen.text(), /All is well/);
  await screen.page.getByRole("link", { name: "quick" }).waitFor(); // what it knew is still there
  await screen.wellMade("away");
  await fleet.run();
  await screen.click("Now").catch(() => null); // or it has asked by itself
  await screen.see("live", { exact: true });
  assert.ok(await screen.page.evaluate(() => window.sameDocument));
  assert.deepEqual(screen.complaints, []);
});

test("without Redis the page says so, and shows what it knew as old", async (t) => {
  const fleet = await startFleet(t);
  const screen = await openScreen(t, fleet.url);
  await screen.see("All is well");
  await fleet.redis.stop();
  await screen.see(/You are looking at the past: .*(Redis|redis)/);
  assert.doesNotMatch(await screen.text(), /All is well/);
  await screen.wellMade("no-redis");
});

test("a hidden tab asks for nothing", async (t) => {
  const fleet = await startFleet(t);
  const screen = await openScreen(t, fleet.url);
  await screen.see("All is well");
  const { page } = screen;
  const hide = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 100))); // what was asked is answered
  let asked = 0;
  page.on("request", () => asked++);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 4500))); // two polls' time
  assert.equal(asked, 0);
  const next = page.waitForRequest(/overview/);
  await hide(false);
  await next;
});
