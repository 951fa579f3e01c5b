// Tokens: asked for, kept in the tab, and what may only be read is only read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

const OPERATE = "operate-with-this-0123456789";
const READ = "read-with-this-0123456789";

test("without a token nothing is shown; with the reading one actions are off, and refused if sent", async (t) => {
  const fleet = await startFleet(t, { NAVVY_ADMIN_TOKEN: OPERATE, NAVVY_ADMIN_READ_TOKEN: READ });
  await fleet.push("bytes", "a");
  await fleet.until("bytes", "dead", 1);
  const screen = await openScreen(t, fleet.url);
  const { page } = screen;
  const give = async (token) => {
    await screen.dialog.getByLabel("Token").fill(token);
    await screen.dialog.getByRole("button", { name: "Open" }).click();
  };
  await screen.see("This navvy asks for a token");
  assert.doesNotMatch(await screen.text(), /bytes/);
  await screen.wellMade("token");
  await give("a-wrong-one-0123456789");
  await screen.see(/not accepted/);
  await give(READ);
  await screen.see(/bytes/);
  await screen.see("read-only");

  // Actions say why they are off, and the server would refuse them.
  await screen.go("q", "bytes", "dlq");
  const retry = page.getByRole("article").getByRole("button", { name: /^Retry/ });
  assert.equal(await retry.getAttribute("aria-disabled"), "true");
  assert.match(await retry.getAttribute("title"), /only read/);
  await retry.focus();
  await page.keyboard.press("Enter");
  assert.equal(await screen.dialog.count(), 0);
  await screen.see(/actions are off/);
  await screen.wellMade("read-only");
  const answer = await fetch(fleet.url + "api/v1/queues/bytes/pause", { method: "POST", body: "{}",
    headers: { Authorization: `Bearer ${READ}`, "Content-Type": "application/json", "X-Navvy": "1" } });
  assert.equal(answer.status, 403);

  // A reload keeps it; leaving forgets it. It never was in an address or a cookie.
  await page.reload();
  await screen.see("read-only");
  assert.doesNotMatch(page.url(), /with-this/);
  assert.deepEqual(await page.context().cookies(), []);
  await screen.click("Leave");
  await screen.see("This navvy asks for a token");
  await give(OPERATE);
  await screen.go("queues");
  await screen.click("Pause bytes");
  await screen.dialog.getByRole("button", { name: "Pause" }).click();
  await screen.see("bytes is paused.");
  assert.equal(await fleet.redis.call("HGET", "navvy:{bytes}:meta", "paused"), "1");
  assert.deepEqual(screen.complaints, []);
});
