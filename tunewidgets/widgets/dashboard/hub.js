// What all views of one dashboard on one page share: the newest frame, and the talk with Python.

import { unpackCards } from "./wire.js";
import { takePlotly } from "./engine.js";
import { withChoice } from "./options.js";
import { isBrushed } from "./parallel_spec.js";
import { withRows } from "./rows.js";

const PING = 5000; // ms between two signs of life; Python forgets a page that gives none
const PATIENCE = 1000; // ms without an answer after which a click is said to wait
const DOUBT = 10000; // ms without an event after which a command is said to be unheard

export class Hub {
  constructor(model) {
    this.model = model;
    this.page = crypto.randomUUID?.() ?? String(Math.random());
    this.seq = -1;
    this.whole = false; // whether it has got everything up to then
    this.sureAt = -Infinity; // when it asked for everything
    this.entries = -1; // how long the history is that is shown
    this.total = 0; // and how long all of it
    this.replayed = null; // what Python says of the moment that is shown, unless it is the present
    this.acknowledged = -1;
    this.live = false;
    this.header = model.get("state")?.header ?? null;
    this.headerAt = performance.now();
    this.cards = new Map();
    this.views = new Set();
    this.away = true; // the page has no view: it listens, and says nothing until one comes
    this.asked = new Map(); // command -> {id, at, taken}
    this.refused = "";
    this.found = new Map(); // trial -> {details, entries}
    this.fetching = new Map(); // trial -> time of asking
    this.later = new Map(); // trial -> timer of the next look
    this.unanswered = 0; // questions since the last answer
    this.replies = new Map(); // id of a command or question -> what to do with the answer
    this.nextId = 0;
    this.stepId = 0; // of the step that was asked for last, unless the person has gone elsewhere since
    this.sent = 0;
    this.unheard = false;
    this.seen = null;
  }

  start() {
    this.model.on("msg:custom", (message, buffers) => this.receive(message, buffers));
    this.model.on("change:selected", () => this.tell(view => view.select()));
    this.model.on("change:options", () => this.tell(view => view.redraw()));
    this.model.on("change:tab", () => this.tell(view => view.turn()));
    for (const name of ["replay", "speed"]) this.model.on(`change:${name}`, () => this.tell(view => view.header()));
    this.model.on("change:axes", () => this.tell(view => view.mark(["parallel"])));
    this.model.on("change:brushed", () => this.rebrush());
    this.timer = setInterval(() => this.ping(), PING);
    this.leave = () => this.send({ kind: "bye" });
    window.addEventListener("pagehide", this.leave);
  }

  stop() {
    clearInterval(this.timer);
    window.removeEventListener("pagehide", this.leave);
    this.send({ kind: "bye" });
  }

  // A page from which the last view is gone takes its leave, as nobody tells Python that a cell's outputs were cleared;
  // and one that is loaded again has the models of all widgets of the kernel, also of those that no cell shows.
  join(view) {
    this.views.add(view);
    if (!this.away) return;
    this.away = false;
    this.greet();
  }

  // Says what it has. Where it is `sure` that nothing else is on its way to it, Python sends everything once more.
  greet(sure = false) {
    const now = performance.now();
    if (sure && now - this.sureAt < PATIENCE) return; // everything is on its way
    if (sure) this.sureAt = now;
    this.send({ kind: "hello", have: this.whole ? this.seq : -1, sure });
  }

  part(view) {
    this.views.delete(view);
    if (this.views.size) {
      this.tellSight();
      return;
    }
    clearTimeout(this.sightTimer);
    this.seen = null;
    this.send({ kind: "bye" });
    this.away = true;
  }

  // Messages are numbered: those that waited for the end of a cell come after later ones.
  send(message) {
    if (this.away) return;
    this.model.send({ ...message, page: this.page, at: ++this.sent, cards: this.seen });
  }

  tell(action) {
    for (const view of this.views) action(view);
  }

  ping() {
    if (this.views.size && document.visibilityState === "visible") this.send({ kind: "ping" });
  }

  // Python computes what some view has in sight, and nothing else.
  tellSight() {
    clearTimeout(this.sightTimer);
    this.sightTimer = setTimeout(() => {
      const before = String(this.seen);
      this.seen = [...new Set([...this.views].flatMap(view => [...view.sight]))].sort();
      if (String(this.seen) !== before) this.send({ kind: "sight" });
      this.acknowledge();
    }, 50);
  }

  // --- from Python ---

  receive(message, buffers) {
    if (message.page !== undefined && message.page !== this.page) return; // an answer to another page
    const takers = {
      frame: () => this.takeFrame(message, buffers),
      sent: () => this.takeSent(message),
      details: () => this.takeDetails(message, buffers),
      taken: () => this.takeAnswer(message, ""),
      refused: () => this.takeAnswer(message, message.text),
      moment: () => this.takeMoment(message),
      shown: () => this.takeShown(message),
      answer: () => this.reply(message.id, message),
      plotly: () => takePlotly(buffers[0]).catch(error => this.tell(view => view.fail(String(error)))),
      "no plotly": () => this.tell(view => view.fail(message.text)),
    };
    takers[message.kind]?.();
  }

  takeFrame(message, buffers) {
    const missed = !message.whole && (!this.whole || message.seq > this.seq + 1);
    this.whole = !missed;
    Object.assign(this, { seq: message.seq, entries: message.entries, live: true, headerAt: performance.now() });
    if (this.header?.status !== message.header.status) this.asked.clear();
    Object.assign(this, { header: message.header, total: message.total ?? message.entries, replayed: message.replay ?? null });
    this.clearShown();
    const fresh = unpackCards(message.cards, buffers);
    // A table comes in parts: of its rows only those that are new.
    for (const [name, card] of fresh) this.cards.set(name, card.end === "table" ? withRows(this.cards.get(name), card) : card);
    this.tell(view => view.update(fresh.map(([name]) => name)));
    if (missed) this.greet(true);
    this.acknowledge();
  }

  // Messages come in their order: what was sent before this one and is not here was sent before the page listened.
  takeSent({ seq }) {
    if (!this.whole || this.seq !== seq) this.greet(true);
  }

  isDrawn() { return [...this.views].every(view => view.isDrawn()); }

  // A frame is acknowledged once every view on the page has drawn what is in sight.
  acknowledge() {
    if (this.away || this.acknowledged === this.seq || !this.isDrawn()) return;
    this.acknowledged = this.seq;
    this.send({ kind: "ack", seq: this.seq });
  }

  // --- clicks ---

  // `key` tells commands of one name apart, such as those to different trials; `done` is called with the refusal or "".
  command(name, more = {}, key = name, done = null) {
    const id = ++this.nextId;
    Object.assign(this, { refused: "", unheard: false });
    this.asked.set(key, { id, at: performance.now(), taken: false });
    this.replies.set(id, done);
    this.send({ kind: "command", id, do: name, ...more });
    this.tell(view => view.header());
    setTimeout(() => this.tell(view => view.header()), PATIENCE + 20);
    setTimeout(() => this.doubt(key, id), DOUBT);
  }

  // Asks Python something; `done` is called with the answer, if one comes.
  question(about, more, done) {
    const id = ++this.nextId;
    this.replies.set(id, done);
    this.send({ kind: "question", id, about, ...more });
  }

  reply(id, answer) {
    const done = this.replies.get(id);
    this.replies.delete(id);
    done?.(answer);
  }

  // An event has answered a command; that is said once the page shows a frame which knows of it.
  takeShown(message) {
    for (const one of this.asked.values()) if (one.id === message.id) one.shown = message.entries;
    this.clearShown();
    this.tell(view => view.header());
  }

  clearShown() {
    for (const [key, one] of this.asked) if (one.shown <= this.total) this.asked.delete(key);
  }

  takeAnswer(message, refusal) {
    for (const [name, one] of this.asked) {
      if (one.id !== message.id) continue;
      one.taken = true;
      if (refusal) this.asked.delete(name);
    }
    this.refused = refusal;
    this.reply(message.id, refusal);
    this.tell(view => view.header());
  }

  doubt(name, id) {
    const one = this.asked.get(name);
    if (one?.id !== id || !one.taken) return;
    this.asked.delete(name);
    this.unheard = true;
    this.tell(view => view.header());
  }

  clicks() {
    const now = performance.now();
    const waits = [...this.asked.values()].some(one => !one.taken && now - one.at >= PATIENCE);
    return { refused: this.refused, waits, unheard: this.unheard && !this.asked.size };
  }

  // --- a trial's details, fetched by number ---

  details(trial) {
    const known = this.found.get(trial);
    if (known?.entries !== this.entries) this.fetch(trial);
    return known?.details ?? null;
  }

  // Asks once in a while, and goes on until what it has is what is shown: a question may be lost, as a page can speak
  // before Python hears it, and a search at rest gives no other occasion.
  fetch(trial) {
    if (this.later.has(trial)) return;
    let wait = (this.fetching.get(trial) ?? -Infinity) + PATIENCE - performance.now();
    if (wait <= 0) {
      this.fetching.set(trial, performance.now());
      this.send({ kind: "details", trial });
      // A kernel that is busy for long must not find a thousand questions: each waits twice as long as the one before.
      wait = PATIENCE * 2 ** Math.min(5, this.unanswered);
      this.unanswered += 1;
    }
    this.later.set(trial, setTimeout(() => {
      this.later.delete(trial);
      this.follow(trial);
    }, wait + 20));
  }

  follow(trial) {
    if (!this.away && this.wanted.has(trial)) this.details(trial);
  }

  // With the answer the wait for it is over, which may have been a long one: several questions may have been under way.
  takeDetails(message, buffers) {
    const [[, details]] = unpackCards({ details: { card: message.details, at: 0, n: buffers.length } }, buffers);
    this.unanswered = 0;
    clearTimeout(this.later.get(message.trial));
    this.later.delete(message.trial);
    this.found.set(message.trial, { details, entries: message.entries });
    this.tell(view => view.detailed(message.trial));
    this.follow(message.trial);
  }

  // The trials that some view shows: others need not be asked for again.
  get wanted() {
    return new Set([...this.views].flatMap(view => view.explained?.() ?? []));
  }

  // --- the selection, one for all cards and pages ---

  get selected() {
    return this.model.get("selected") ?? [];
  }

  choose(trial, add) {
    const has = this.selected.includes(trial);
    const others = add ? this.selected.filter(one => one !== trial) : [];
    const only = has && (add || this.selected.length === 1);
    this.model.set("selected", only ? others : [...others, trial]);
    this.model.save_changes();
  }

  // --- the cards' options, the same for all views and pages ---

  options(card) {
    return this.model.get("options")?.[card] ?? {};
  }

  // --- the tab that is open ---

  get tab() {
    return this.model.get("tab") ?? "";
  }

  openTab(name) {
    if (name === this.tab) return;
    this.model.set("tab", name);
    this.model.save_changes();
  }

  // --- the moment that is shown, the same for all views and pages ---

  get replay() {
    return this.model.get("replay") ?? null;
  }

  // Asks where a step leads; an answer that comes after the person has gone elsewhere is not heeded.
  step(by, from) {
    this.stepId = ++this.nextId;
    this.send({ kind: "step", id: this.stepId, by, from, speed: this.speed });
  }

  get speed() {
    return this.model.get("speed") ?? "normal";
  }

  playAt(speed) {
    this.model.set("speed", speed);
    this.model.save_changes();
  }

  takeMoment(message) {
    if (message.to === this.page && message.id === this.stepId) this.replayTo(message.at >= this.total ? null : message.at);
  }

  replayTo(moment) {
    this.stepId = 0;
    if (moment === this.replay) return;
    this.model.set("replay", moment);
    this.model.save_changes();
  }

  ask(card, name, value) {
    this.model.set("options", withChoice(this.model.get("options"), card, name, value));
    this.model.save_changes();
  }

  // --- the brush: intervals of parameters and goals, the same for all cards, views and pages ---

  get brushed() {
    return this.model.get("brushed") ?? {};
  }

  // {numbers: a set of trials, of: how many there are}; null where nothing is brushed, or Python has not answered yet.
  get inside() {
    const card = isBrushed(this.brushed) ? this.cards.get("brush") : null;
    if (!card) return null;
    card.numbers ??= new Set(card.inside);
    return card;
  }

  // An interval for one axis, or null for none; the others stay.
  brush(name, interval) {
    const { [name]: _before, ...others } = this.brushed;
    this.model.set("brushed", interval === null ? others : { ...others, [name]: interval });
    this.model.save_changes();
  }

  // --- the order of the axes of parallel coordinates, as names; none is Python's own ---

  get axes() {
    return this.model.get("axes") ?? [];
  }

  orderAxes(names) {
    this.model.set("axes", names);
    this.model.save_changes();
    this.tell(view => view.mark(["parallel"]));
  }

  clearBrush() {
    this.model.set("brushed", {});
    this.model.save_changes();
  }

  // Until Python says who is inside the new brush, the old answer stands: only the cards that show intervals are drawn.
  rebrush() {
    const cleared = !isBrushed(this.brushed);
    if (cleared) this.cards.delete("brush");
    this.tell(view => (cleared ? view.redraw() : view.mark(["parallel", "table"])));
  }
}
