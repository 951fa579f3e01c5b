// Everything by the keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.js";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

test("a dead job is found and retried without a mouse", async (t) => {
  const fleet = await startFleet(t);
  await fleet.push("email", '{"to":"a@example.com"}', '{"to":"b@example.com"}');
  await fleet.until("email", "dead", 2);
  fleet.repairMailer();
  const screen = await openScreen(t, fleet.url);
  const { keyboard } = screen.page;
  const focused = () => screen.page.evaluate(() => document.activeElement.innerText || document.activeElement.ariaLabel);
  const at = (hash) => screen.page.waitForFunction((h) => location.hash === h, hash);
  await screen.see(/2 dead jobs/);

  await keyboard.press("?");
  await screen.dialog.getByText("next row", { exact: true }).waitFor();
  await screen.wellMade("keys");
  await keyboard.press("Escape");
  assert.equal(await screen.dialog.count(), 0);

  await keyboard.type("gq");
  await at("#/queues");
  await screen.page.getByRole("heading", { name: "Queues", level: 1 }).waitFor();
  await keyboard.press("/");
  await keyboard.type("mai");
  await eventually(async () => (await screen.page.locator("main [data-row]").count()) === 1, "one row to be left");
  await keyboard.press("Escape");
  await keyboard.press("j");
  assert.equal(await focused(), "email");
  await keyboard.press("Enter");
  await at("#/q/email");
  await keyboard.press("u");
  await at("#/queues");

  await keyboard.type("gd");
  await at("#/dlq");
  await screen.page.getByRole("row", { name: /email/ }).waitFor();
  await keyboard.press("j");
  await keyboard.press("Enter");
  await at("#/q/email/dlq");
  await screen.see("1 cause of 2 jobs");
  await screen.page.getByRole("checkbox").first().waitFor();

  // Down past the cause to the first job, and select it.
  await keyboard.press("j");
  await keyboard.press("j");
  await keyboard.press("x");
  await screen.see("1 selected");
  const retry = screen.page.getByRole("button", { name: "Retry selected …" });
  await eventually(async () => {
    await keyboard.press("Shift+Tab");
    return retry.evaluate((button) => button === document.activeElement);
  }, "Shift+Tab to reach the button");
  await keyboard.press("Enter");
  await screen.dialog.getByText("1 job", { exact: true }).waitFor();
  await eventually(async () => {
    await keyboard.press("Tab");
    return (await focused()) === "Retry 1 job";
  }, "Tab to reach Retry");
  await keyboard.press("Enter");
  await screen.dialog.getByText("1 of 1 job retried").waitFor();
  await keyboard.press("Escape");
  await fleet.until("email", "done", 1);
  assert.equal(await fleet.redis.call("LLEN", "navvy:{email}:dlq"), 1);
  assert.deepEqual(screen.complaints, []);
});
