// poll.js: asks again every 2 seconds while somebody looks, and more and more rarely while navvy is away.

const EVERY_MS = 2000;
const AWAY_MS_MAX = 30000;

// Poll: `turn` is asynchronous and throws when navvy is away; `tell` hears of each change.
export class Poll {
  constructor(turn, tell) {
    this.turn = turn;
    this.tell = tell;
    this.failures = 0;
    this.words = ""; // why it is away
    this.nextAt = 0;
    this.timer = 0;
    this.busy = false;
    this.stopped = false; // until a token is given
    document.addEventListener("visibilitychange", () => this.now());
    addEventListener("online", () => this.now());
  }

  get away() {
    return this.failures > 0;
  }
  get secondsLeft() {
    return Math.max(0, Math.ceil((this.nextAt - Date.now()) / 1000));
  }

  // now: asks at once; a turn that is under way is followed by another.
  async now() {
    clearTimeout(this.timer);
    if (document.hidden || this.stopped) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    try {
      await this.turn();
      this.failures = 0;
    } catch (error) {
      this.failures++;
      this.words = error.message;
    }
    this.busy = false;
    this.plan();
  }

  plan() {
    const wait = this.again ? 0 : Math.min(AWAY_MS_MAX, EVERY_MS * 2 ** Math.min(this.failures, 5));
    this.nextAt = Date.now() + wait;
    this.timer = setTimeout(() => this.now(), wait);
    this.tell();
  }
}
