// Somebody who has never seen navvy finds out from the page why a queue fails, and retries the right jobs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./support/eventually.js";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

const MAILS = 60;
const BAD = 9;

async function failAll(fleet) {
  const mails = Array.from({ length: MAILS }, (_, n) => `{"to":"user${n}@example.com"}`);
  const bad = Array.from({ length: BAD }, (_, n) => `navvy/1 type=invoice id=inv-${n}\n{"customer":${n}}`);
  await fleet.push("email", ...mails, ...bad);
  await fleet.until("email", "dead", MAILS + BAD);
}
const dead = (fleet) => fleet.redis.call("LRANGE", "navvy:{email}:dlq", 0, -1);

test("the page says which queue fails and why, and the jobs of that cause are retried", async (t) => {
  const fleet = await startFleet(t);
  await failAll(fleet);
  const screen = await openScreen(t, fleet.url);

  // What is wrong stands on top, with a way on.
  await screen.see(/connection refused/);
  const trouble = screen.page.getByRole("region", { name: "Trouble" });
  assert.match(await trouble.innerText(), /email .*69 dead.*Most: .*connect to.*connection refused/s);
  await screen.wellMade("new-user-1-overview");
  await trouble.getByRole("link", { name: /See why: email/ }).click();

  // Two causes, not 69 errors: numbers and addresses are taken for alike.
  await screen.see("2 causes of 69 jobs");
  const groups = screen.page.getByRole("article");
  assert.equal(await groups.count(), 2);
  const refused = groups.filter({ hasText: "connection refused" });
  assert.match(await refused.innerText(), /^60\s*jobs/);
  assert.match(await groups.filter({ hasText: "KeyError" }).innerText(), /^9\s*jobs/);
  await screen.wellMade("new-user-2-causes");

  // One of them tells its story.
  await refused.getByRole("link", { name: "Look at one" }).click();
  await screen.see("What happens next.");
  const story = await screen.text();
  assert.match(story, /dead-letter queue/);
  assert.match(story, /@example\.com/);
  await screen.wellMade("new-user-3-job");
  await screen.page.goBack();

  // The mail server is up again: these jobs, a few first.
  fleet.repairMailer();
  await refused.getByRole("button", { name: /^Retry/ }).click();
  await screen.dialog.getByText("60 jobs").first().waitFor();
  assert.equal((await dead(fleet)).length, MAILS + BAD, "a dry run touches nothing");
  await screen.wellMade("new-user-4-plan");
  await screen.dialog.getByRole("button", { name: "Try 10 of 60 jobs first" }).click();
  await screen.dialog.getByText("60 of 60 jobs retried").waitFor();
  await screen.wellMade("new-user-5-done");
  await screen.dialog.getByRole("button", { name: "Close" }).last().click();

  // The right ones ran; the others are where they were.
  await fleet.until("email", "done", MAILS);
  const left = await dead(fleet);
  assert.equal(left.length, BAD);
  for (const record of left) assert.match(record, /customer/);
  await screen.see("1 cause of 9 jobs");

  // And it can be read who did that.
  await screen.go("journal");
  await screen.page.getByRole("row", { name: /retry.*email/ }).first().waitFor();
  await screen.go("tasks");
  await screen.see("60 of 60 jobs retried");
  await screen.wellMade("new-user-6-tasks");
});

test("a retry while the cause is still there stops at the first few", async (t) => {
  const fleet = await startFleet(t);
  await failAll(fleet);
  const screen = await openScreen(t, fleet.url + "#/q/email/dlq");
  await screen.page.getByRole("article").filter({ hasText: "connection refused" })
    .getByRole("button", { name: /^Retry/ }).click();
  await screen.dialog.getByRole("button", { name: /^Try 10 of 60/ }).click();
  await screen.dialog.getByText(/canary failed/).first().waitFor();
  await screen.wellMade("new-user-canary");
  assert.equal(await fleet.counter("email", "done"), 0);
  await eventually(async () => (await dead(fleet)).length === MAILS + BAD, "the few to be dead again");
});

test("dropping takes the queue's name", async (t) => {
  const fleet = await startFleet(t);
  await failAll(fleet);
  const screen = await openScreen(t, fleet.url + "#/q/email/dlq");
  await screen.page.getByRole("article").filter({ hasText: "KeyError" }).getByRole("button", { name: /^Drop/ }).click();
  const go = screen.dialog.getByRole("button", { name: "Drop 9 jobs" });
  await go.waitFor();
  assert.ok(await go.isDisabled());
  await screen.dialog.getByLabel("Type email to confirm").fill("mail");
  assert.ok(await go.isDisabled());
  await screen.dialog.getByLabel("Type email to confirm").fill("email");
  await screen.wellMade("drop");
  await go.click();
  await screen.dialog.getByText("9 of 9 jobs dropped").waitFor();
  assert.equal((await dead(fleet)).length, MAILS);
});
