// Whatever a producer sends is shown, and nothing of it happens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startFleet } from "./support/fleet.js";
import { openScreen } from "./support/screen.js";

const SCRIPT = `<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>"'\`${"${alert(4)}"}`;
const RTL = "\u202Eevil gnp.exe\u202C \u2066isolate\u2069 \u200Bzero";
const BINARY = Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80, 0x41, 0x0d, 0x0a]);
const LARGE = `{"text":"${"0123456789abcdef".repeat(65000)}"}`; // about 1 MB

test("hostile payloads, types and errors are text", async (t) => {
  const fleet = await startFleet(t);
  const typed = `navvy/1 type="<img/src=x/onerror=alert(5)>" id="<b>" key="\u202Ek"\n${SCRIPT}`;
  const jobs = { script: SCRIPT, rtl: RTL, binary: BINARY, large: LARGE, empty: "", typed,
    broken: Buffer.concat([Buffer.from("navvy/1 oops="), Buffer.from([0xff, 0x22, 0x0a])]) };
  const ids = {};
  for (const [n, [name, bytes]] of Object.entries(jobs).entries()) {
    await fleet.push("bytes", bytes);
    await fleet.until("bytes", "dead", n + 1);
    const list = await (await fetch(`${fleet.url}api/v1/queues/bytes/jobs?state=dlq&limit=1`)).json();
    ids[name] = list.items[0].id;
  }
  const screen = await openScreen(t, fleet.url + "#/q/bytes/dlq");
  const { page } = screen;
  await page.getByRole("row", { name: /alert\(1\)/ }).first().waitFor();
  await screen.wellMade("hostile-list");

  const payload = page.getByLabel("Payload", { exact: true });
  const show = async (name) => {
    await screen.go("q", "bytes", "job", ids[name]);
    await page.getByRole("heading", { name: ids[name], exact: true }).waitFor();
    if (name !== "empty") await payload.waitFor();
  };
  await show("script");
  assert.equal(await payload.innerText(), SCRIPT);
  await screen.click("Hex");
  assert.match(await payload.innerText(), /^00000000 {2}3c 73 63 72 69 70 74 3e  61 /);
  await screen.wellMade("hostile-hex");

  await show("rtl");
  assert.match(await payload.innerText(), /⟨U\+202E⟩evil gnp\.exe⟨U\+202C⟩.*⟨U\+200B⟩zero/);
  await show("binary");
  assert.match(await payload.innerText(), /^00000000 {2}00 01 02 ff fe 80 41 0d {2}0a .*·····/);
  await show("empty");
  await screen.see("The payload is empty: 0 bytes.");
  await show("typed");
  await screen.see("<img/src=x/onerror=alert(5)>");
  await screen.wellMade("hostile-job");
  await show("broken");
  await screen.see(/malformed/);
  await show("large");
  await screen.see(/the first .*KiB shown/);
  assert.ok((await payload.innerText()).length <= 300000);

  // No element came of any of it.
  for (const tag of ["script:not([src])", "img", "main svg[onload]", "b:has-text('x') > script"])
    assert.equal(await page.locator(tag).count(), 0, tag);
  await screen.wellMade("hostile-large");
});

test("a queue's hostile name is a name", async (t) => {
  const name = "<img src=x onerror=alert(6)>\u202E/../?#%41";
  const fleet = await startFleet(t);
  await fleet.redis.call("HSET", `navvy:{${name}}:meta`, "taken", 1, "dead", 1);
  await fleet.redis.call("LPUSH", `navvy:{${name}}:dlq`, "navvy/1 claim=x-1-0000000000000000:1 attempt=1 reason=retries error=no\nx");
  const screen = await openScreen(t, fleet.url + "#/queues");
  await screen.page.getByRole("link", { name: /onerror/ }).first().click();
  await screen.page.getByRole("heading", { level: 1 }).getByText("onerror").waitFor();
  await screen.page.getByRole("link", { name: /^Dead 1/ }).click();
  await screen.see("1 cause of 1 job");
  assert.deepEqual(screen.complaints, []);
});
