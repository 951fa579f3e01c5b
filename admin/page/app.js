// app.js: the frame: which view is open, the poll that feeds it, the bar on top and the line of trouble.

import * as access from "./access.js";
import { get, path, Refused, token } from "./api.js";
import * as causes from "./causes.js";
import * as dialog from "./dialog.js";
import { deadView, dlqView } from "./dlq.js";
import { h, show } from "./dom.js";
import { History } from "./history.js";
import { jobView } from "./job.js";
import { journalView } from "./journal.js";
import * as keys from "./keys.js";
import { overviewView } from "./overview.js";
import { badge, empty, heading, link, plain, problem, to } from "./pieces.js";
import { Poll } from "./poll.js";
import { queueView } from "./queue.js";
import { queuesView } from "./queues.js";
import { tasksView } from "./tasks.js";
import * as trouble from "./trouble.js";
import { clock, oneLine, said } from "./words.js";
import { workersView } from "./workers.js";

const SAID_MS = 6000;
const TROUBLES_SHOWN = 3;

// A view is made by a function of its address: {title, load(app), draw(app)}; load may be absent.
const VIEWS = [
  [[], overviewView],
  [["queues"], queuesView],
  [["q", ":queue"], queueView],
  [["q", ":queue", "jobs", ":state"], queueView],
  [["q", ":queue", "dlq"], dlqView],
  [["q", ":queue", "job", ":id"], jobView],
  [["workers"], workersView],
  [["workers", ":key"], workersView],
  [["dlq"], deadView],
  [["tasks"], tasksView],
  [["journal"], journalView],
];
const TABS = [
  ["Overview", []], ["Queues", ["queues"]], ["Workers", ["workers"]], ["Dead letters", ["dlq"]],
  ["Tasks", ["tasks"]], ["Journal", ["journal"]],
];

const $ = (id) => document.getElementById(id);

const app = {
  overview: null,
  heardAt: 0, // performance.now() of the last overview
  history: new History(),
  troubles: [],
  view: null,
  poll: null,

  get readOnly() {
    return this.overview?.role === "read";
  },
  // now: by Redis's clock, as all times here.
  now() {
    return this.overview.at_ms + performance.now() - this.heardAt;
  },
  queue(name) {
    return this.overview.queues.find((q) => q.name === name);
  },

  // say: one line at the bottom, which screen readers speak.
  say(words) {
    $("said").textContent = words;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => ($("said").textContent = ""), SAID_MS);
  },
  // act: does something, says how it went, and asks for the new state.
  async act(work, words) {
    try {
      await work();
      this.say(words);
    } catch (error) {
      this.say(`Not done: ${error.message}${error.hint ? ` (${error.hint})` : ""}.`);
      if (error.status === 401) this.askToken(error);
    }
    this.poll.now();
  },
  askToken(error) {
    this.poll.stopped = true;
    access.ask(error.message, () => {
      this.poll.stopped = false;
      this.poll.now();
    });
  },

  redraw() {
    if (app.drawing) return;
    app.drawing = true;
    requestAnimationFrame(() => {
      app.drawing = false;
      draw();
    });
  },
};

// --- where we are --------------------------------------------------------------------------------

function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  const found = {};
  for (const [n, name] of pattern.entries()) {
    if (name.startsWith(":")) found[name.slice(1)] = parts[n];
    else if (name !== parts[n]) return null;
  }
  return found;
}

function address() {
  try {
    return location.hash.replace(/^#?\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return ["?"];
  }
}

function open() {
  const parts = address();
  app.parts = parts;
  app.view = null;
  for (const [pattern, make] of VIEWS) {
    const found = match(pattern, parts);
    if (found) app.view = make(found);
  }
  app.view ??= { title: "Not found", draw: () => [heading("Nothing here"), empty(link("Overview", to()))] };
  document.title = `${app.view.title} · navvy`;
  dialog.close();
  scrollTo(0, 0);
  draw();
  document.querySelector("#bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  $("main").focus({ preventScroll: true });
  app.poll.now();
}

// --- what is asked -------------------------------------------------------------------------------

async function turn() {
  try {
    app.overview = await get(path("overview"));
    app.heardAt = performance.now();
    app.history.add(app.overview);
    app.troubles = trouble.ofFleet(app.overview, app.history);
    app.blind = null;
  } catch (error) {
    return refused(error, "blind");
  }
  causes.lookAtWorst(app.overview.queues).then(app.redraw);
  try {
    await app.view.load?.(app);
    app.fault = null;
  } catch (error) {
    refused(error, "fault");
  }
}

// refused: kept as app.blind (nothing is known of the fleet) or app.fault (nor of what this view shows).
function refused(error, kept) {
  if (error.status === 401) app.askToken(error);
  else if (error instanceof Refused && !error.away) app[kept] = error;
  else throw error;
}

// --- what is shown -------------------------------------------------------------------------------

function connection() {
  const { poll } = app;
  if (poll.stopped) return h("span", { class: "link off" }, "needs a token");
  if (poll.away)
    return h("span", { class: "link off" }, `navvy is away (${poll.words}); asking again in ${poll.secondsLeft} s `,
      plain("Now", () => poll.now(), { class: "small" }));
  if (app.blind) return h("span", { class: "link off" }, "blind");
  return h("span", { class: "link", title: "Asked every 2 seconds" }, app.overview ? "live" : "asking …");
}

function drawBar() {
  const here = app.parts[0] ?? "";
  const isHere = (parts) => (parts[0] ?? "") === here || (parts[0] === "queues" && here === "q");
  show($("bar"),
    link("navvy", to(), { class: "brand", "aria-label": "navvy, overview" }),
    h("nav", { "aria-label": "Views" },
      TABS.map(([words, parts]) =>
        link(words, to(...parts), { key: words, "aria-current": isHere(parts) ? "page" : null }))),
    h("div", { class: "side" }, connection(),
      app.readOnly ? badge("read-only", "warn") : null,
      plain("◐", () => window.navvyTheme.toggle(), { class: "quiet", "aria-label": "Dark or light", title: "Dark or light (t)" }),
      plain("?", keys.help, { class: "quiet", "aria-label": "Keys", title: "Keys (?)" }),
      token.get() ? plain("Leave", leave, { class: "quiet", title: "Forget the token" }) : null));
}

function leave() {
  token.set(null);
  app.overview = null;
  app.poll.now();
}

const TONES = { 3: "stopped", 2: "fails", 1: "look" };

const because = (group) =>
  group ? ["Most: ", h("bdi", { class: "mono" }, oneLine(said(group, "signature") || group.reason).slice(0, 120)), ". "] : null;

const troubleLine = (t) =>
  h("li", { key: t.key, class: TONES[t.level] },
    h("b", null, h("bdi", null, t.queue ?? t.subject)), t.words.startsWith(":") ? "" : " ", t.words, ". ",
    t.why ? because(causes.top(t.queue)) : null,
    t.go ? link(t.go, t.href, { "aria-label": `${t.go}: ${t.queue ?? t.subject} ${t.words}` }) : null);

// What is on the screen is old: why, and of when.
function stale() {
  const words = app.poll.away ? `navvy does not answer (${app.poll.words})` : app.blind?.message;
  return words && h("ul", null, h("li", { class: "stopped" }, h("b", null, "You are looking at the past: "),
    words, app.blind?.hint ? `; ${app.blind.hint}` : "", `. What stands here is of ${clock(app.overview.at_ms)}.`));
}

function drawTrouble() {
  const { troubles } = app;
  const rest = troubles.length - TROUBLES_SHOWN;
  if (!app.overview) return show($("trouble"));
  if (!troubles.length)
    return show($("trouble"), stale() || h("p", { class: "fine" }, "All is well: nothing fails, and nothing waits without a worker."));
  return show($("trouble"), stale() || null,
    h("ul", null, (app.allTroubles ? troubles : troubles.slice(0, TROUBLES_SHOWN)).map(troubleLine)),
    rest > 0 ? plain(app.allTroubles ? "Fewer" : `${rest} more`, () => {
      app.allTroubles = !app.allTroubles;
      app.redraw();
    }, { class: "quiet small" }) : null);
}

function draw() {
  drawBar();
  drawTrouble();
  $("main").classList.toggle("stale", app.poll.away || Boolean(app.blind));
  const fault = app.fault ?? (app.overview ? null : app.blind);
  show($("main"), fault ? problem(fault) : null,
    app.overview ? h("div", { key: app.parts.join("/") }, app.view.draw(app))
      : app.poll.stopped || fault ? null : empty(app.poll.away ? "navvy does not answer yet." : "Asking navvy …"));
  dialog.redraw();
}

app.poll = new Poll(turn, () => {
  app.redraw();
  if (app.poll.away) countDown();
});

// While navvy is away the seconds are counted down.
function countDown() {
  clearInterval(app.counting);
  app.counting = setInterval(() => {
    if (!app.poll.away) clearInterval(app.counting);
    app.redraw();
  }, 1000);
}

addEventListener("hashchange", open);
addEventListener("pagehide", () => app.history.save());
keys.listen();
open();
