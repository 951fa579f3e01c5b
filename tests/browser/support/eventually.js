// eventually(look, what): asks until the answer is true; waits for a condition, never for a time.

const LIMIT_MS = 15000;
const PAUSE_MS = 30;

export async function eventually(look, what, limit = LIMIT_MS) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${limit} ms for ${what}; last: ${last?.message ?? last}`);
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
  }
}
