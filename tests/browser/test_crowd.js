// A dead-letter queue with 100,000 jobs opens at once, tells its causes, and is read page after page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

const DEAD = 100000;
const BATCH = 5000;
const OPEN_MS = 3000; // with two cores that others use, too; alone it is a tenth

async function bury(fleet) {
  const errors = [
    (n) => `connect to 10.0.${n % 250}.7:5432 failed: connection refused`,
    (n) => `timeout after ${n} ms`,
    (n) => `user ${n} not found`,
  ];
  const calls = [];
  for (let from = 0; from < DEAD; from += BATCH) {
    const records = Array.from({ length: BATCH }, (_, i) => {
      const n = from + i;
      return `navvy/1 claim=old-1-00000000000000ff:${n + 1} attempt=3 deliveries=3 failed_at=${1.79e12 + n} ` +
        `reason=retries error="${errors[n % 100 === 0 ? 2 : n % 10 === 0 ? 1 : 0](n)}"\n{"n":${n}}`;
    });
    calls.push(fleet.redis.call("LPUSH", "navvy:{email}:dlq", ...records));
  }
  calls.push(fleet.redis.call("HSET", "navvy:{email}:meta", "taken", DEAD, "dead", DEAD));
  await Promise.all(calls);
}

test("100,000 dead jobs open at once and are read by cursor", async (t) => {
  const fleet = await startFleet(t);
  await bury(fleet);
  const screen = await openScreen(t, fleet.url);
  const { page } = screen;
  await screen.see(/100,000 dead jobs/);

  const began = Date.now();
  await screen.go("q", "email", "dlq");
  await page.getByRole("row", { name: /old-1-00000000000000ff:100000/ }).waitFor();
  const took = Date.now() - began;
  assert.ok(took < OPEN_MS, `the first rows came after ${took} ms`);

  await screen.see("3 causes of 100,000 jobs.");
  assert.match(await page.getByRole("article").first().innerText(), /^90,000\s*jobs/);
  await screen.wellMade("crowd-causes");

  // Page after page, each row once.
  for (let n = 2; n <= 6; n++) {
    await screen.click("Load more");
    await screen.see(new RegExp(`^${25 * n} rows of 100,000`));
  }
  const links = page.getByRole("table", { name: "Dead" }).getByRole("link");
  const ids = await links.allInnerTexts();
  assert.equal(new Set(ids).size, 150);
  assert.equal(ids.at(-1), "old-1-00000000000000ff:99851");

  // A job from far down is found, and so are some of a text.
  await screen.go("q", "email", "job", "old-1-00000000000000ff:1");
  await screen.see("What happens next.");
  await screen.go("q", "email", "dlq");
  await page.getByText("Others: choose by text").click();
  await page.getByLabel("Text in the error").fill("user 4200 not found");
  await screen.click(/^Count and retry/);
  await screen.dialog.getByText(/^1 job$/).waitFor();
  assert.deepEqual(screen.complaints, []);
});
