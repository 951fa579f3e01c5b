// What an operator orders from the page arrives at the workers; and every view, in the dark and by day.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.js";
import { startFleet } from "./support/fleet.js";
import { COLOURS, openScreen } from "./support/screen.js";

test("a queue is limited, a job is stopped, a worker is made quiet", async (t) => {
  const fleet = await startFleet(t);
  await fleet.push("slow", "1", "2");
  const screen = await openScreen(t, fleet.url + "#/q/slow");
  const { page } = screen;

  await screen.click("Limits of slow");
  await screen.dialog.getByLabel(/Jobs at once/).fill("1");
  await screen.wellMade("limits");
  await screen.dialog.getByRole("button", { name: "Apply" }).click();
  await screen.see("at most 1 at once in each worker");
  assert.equal(await fleet.redis.call("HGET", "navvy:{slow}:control", "concurrency"), "1");

  await screen.go("workers");
  await page.getByRole("button", { name: /^Stop job/ }).first().waitFor();
  await screen.wellMade("workers");
  await page.getByRole("button", { name: /^Stop job/ }).first().click();
  await screen.dialog.getByRole("button", { name: "Stop it" }).click();
  await fleet.until("slow", "dead", 1);
  await screen.go("q", "slow", "dlq");
  await screen.see(/cancelled/);

  await screen.go("workers");
  await page.getByRole("button", { name: /^Quiet/ }).first().click();
  await screen.dialog.getByRole("button", { name: "Quiet it" }).click();
  await page.getByText("quiet", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: /^Resume/ }).first().click();
  await page.getByText("alive", { exact: true }).first().waitFor();
  await screen.go("journal");
  await page.getByRole("row", { name: /concurrency/ }).first().waitFor();
  await screen.wellMade("journal");
  assert.deepEqual(screen.complaints, []);
});

for (const scheme of ["dark", "light"])
  test(`every view is well made, ${scheme}`, async (t) => {
    const fleet = await startFleet(t);
    await fleet.push("email", ...Array.from({ length: 24 }, (_, n) => `navvy/1 type=welcome\n{"to":"user${n}@example.com"}`));
    await fleet.push("quick", ...Array.from({ length: 200 }, (_, n) => `job ${n}`));
    await fleet.push("slow", "1", "2", "3");
    await fleet.redis.call("ZADD", "navvy:{quick}:scheduled", Date.now() + 3600000, "navvy/1 id=later\nhello");
    await fleet.until("email", "dead", 24);
    const screen = await openScreen(t, fleet.url, { colorScheme: scheme });
    await screen.see(/24 dead/);
    const points = () => screen.page.locator(".chart .line").first().getAttribute("d");
    await eventually(async () => (await points())?.includes("L"), "a line over time");
    const views = { overview: [], queues: ["queues"], queue: ["q", "email"], waiting: ["q", "slow"],
      scheduled: ["q", "quick", "jobs", "scheduled"], running: ["q", "slow", "jobs", "held"], dead: ["q", "email", "dlq"],
      workers: ["workers"], "dead-letters": ["dlq"], nothing: ["nowhere"], "no-queue": ["q", "nobody"] };
    for (const [name, parts] of Object.entries(views)) {
      await screen.go(...parts);
      await screen.page.getByRole("heading", { level: 1 }).waitFor();
      await screen.page.getByText("Asking …").waitFor({ state: "detached" });
      await screen.wellMade(`${scheme}-${name}`, scheme === "dark" ? undefined : COLOURS);
    }
    // The other one, by its button; a reload remembers.
    await screen.click("Dark or light");
    const other = scheme === "dark" ? "light" : "dark";
    assert.equal(await screen.page.evaluate(() => document.documentElement.dataset.theme), other);
    await screen.page.reload();
    assert.equal(await screen.page.evaluate(() => document.documentElement.dataset.theme), other);
  });
