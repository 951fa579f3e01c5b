// A phone of 360 px: every view fits, and a job is retried with a thumb.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

test("every view fits a phone, and jobs are retried there", async (t) => {
  const fleet = await startFleet(t);
  await fleet.push("email", ...Array.from({ length: 30 }, (_, n) => `{"to":"user${n}@example.com"}`));
  await fleet.push("slow", "1");
  await fleet.until("email", "dead", 30);
  fleet.repairMailer();
  const screen = await openScreen(t, fleet.url, { ...PHONE, colorScheme: "light" });
  await screen.see(/30 dead/);
  await screen.wellMade("phone-overview");
  for (const parts of [["queues"], ["q", "email"], ["workers"], ["dlq"], ["tasks"], ["journal"]]) {
    await screen.go(...parts);
    await screen.page.getByRole("heading", { level: 1 }).waitFor();
    await screen.page.getByText("Asking …").waitFor({ state: "detached" });
    await screen.wellMade(`phone-${parts.join("-")}`);
  }
  await screen.go("q", "email", "dlq");
  await screen.see("1 cause of 30 jobs");
  await screen.wellMade("phone-dlq");
  await screen.page.getByRole("article").getByRole("button", { name: /^Retry/ }).tap();
  const go = screen.dialog.getByRole("button", { name: "Try 10 of 30 jobs first" });
  await go.waitFor();
  await screen.wellMade("phone-retry");
  await go.tap();
  await screen.dialog.getByText("30 of 30 jobs retried").waitFor();
  await fleet.until("email", "done", 30);
  assert.equal(await fleet.redis.call("LLEN", "navvy:{email}:dlq"), 0);
});
