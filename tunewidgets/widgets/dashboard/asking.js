// Questions about what is shown, asked again where it has changed, and where no answer has come: one may be lost, as a page
// can speak before Python hears it, or wait for the end of a cell.

const PAUSE_BETWEEN = 1000; // ms between two questions
const GIVEN_UP = 4000; // ms after which an answer is not waited for any more

export class Asking {
  constructor(hub, about, done) {
    Object.assign(this, { hub, about, done, key: null, at: -Infinity, waiting: false, newest: 0, timer: 0 });
  }

  // `key` is what an answer holds for; `repeat` ms after which it is asked again all the same.
  ask(more, key, repeat = Infinity) {
    clearTimeout(this.timer);
    const since = performance.now() - this.at;
    const due = key !== this.key ? (this.waiting || this.key !== null ? PAUSE_BETWEEN : 0) : this.waiting ? GIVEN_UP : repeat;
    if (since < due) {
      if (due < Infinity) this.timer = setTimeout(() => this.ask(more, key, repeat), due - since + 5);
      return;
    }
    const own = ++this.newest;
    Object.assign(this, { key, at: performance.now(), waiting: true });
    this.hub.question(this.about, more, answer => {
      if (own !== this.newest) return;
      this.waiting = false;
      this.done(answer);
      if (key === this.key) this.ask(more, key, repeat);
    });
    this.ask(more, key, repeat);
  }

  // What was asked for is not shown any more.
  end() {
    clearTimeout(this.timer);
    Object.assign(this, { key: null, waiting: false, newest: this.newest + 1 });
  }
}
