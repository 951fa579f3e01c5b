// api.js: every request to navvy. A token, where one is needed, lives in this tab's sessionStorage and goes
// out as a header, never in an address.

const KEY = "navvy.token";
let held = null; // where storage is forbidden
const store = (use) => {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
};
export const token = {
  get: () => store((s) => s.getItem(KEY)) ?? held,
  set(value) {
    held = value;
    store((s) => (value ? s.setItem(KEY, value) : s.removeItem(KEY)));
  },
};

// Refused: navvy answered, and not with what was asked for. status 0: it did not answer.
export class Refused extends Error {
  constructor(status, words, hint) {
    super(words);
    this.status = status;
    this.hint = hint ?? "";
  }
  get away() {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

export function path(...parts) {
  return "/api/v1/" + parts.map((part) => encodeURIComponent(part)).join("/");
}

export function query(address, values) {
  const pairs = Object.entries(values).filter(([, v]) => v !== null && v !== undefined && v !== "");
  return pairs.length ? address + "?" + new URLSearchParams(pairs) : address;
}

async function ask(address, options) {
  const headers = { Accept: "application/json", ...options.headers };
  if (token.get()) headers.Authorization = "Bearer " + token.get();
  try {
    return await fetch(address, {
      cache: "no-store", credentials: "omit", redirect: "error",
      signal: AbortSignal.timeout(15000), ...options, headers,
    });
  } catch (error) {
    throw new Refused(0, error.name === "TimeoutError" ? "no answer in 15 s" : "no connection");
  }
}

async function answer(response) {
  const text = await response.text().catch(() => {
    throw new Refused(0, "the connection was cut");
  });
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    if (response.ok) throw new Refused(0, "the answer is not JSON; is this navvy's address?");
  }
  if (!response.ok)
    throw new Refused(response.status, body?.error ?? `status ${response.status}`, body?.hint);
  return body;
}

export const get = async (address) => answer(await ask(address, {}));

// post: X-Navvy is a header that no form of a foreign page can send.
export const post = async (address, body) =>
  answer(
    await ask(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Navvy": "1" },
      body: JSON.stringify(body ?? {}),
    }),
  );

// download: as a link would, but with the token. Without one a plain link streams to the disk.
export async function download(address, name) {
  let href = address;
  if (token.get()) {
    const response = await ask(address, { signal: null });
    if (!response.ok) await answer(response);
    href = URL.createObjectURL(await response.blob());
  }
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
  if (href !== address) setTimeout(() => URL.revokeObjectURL(href), 60000);
}
