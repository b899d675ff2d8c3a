// One view of a dashboard: the header, the cards, and when each is drawn.

import { createBrushNote } from "./brush.js";
import { attribute, element } from "./dom.js";
import { withPlotly } from "./engine.js";
import { createFigure } from "./figure.js";
import { createHead } from "./head.js";
import { createParallel } from "./parallel.js";
import { isLine, placesOfCards } from "./places.js";
import { createTable } from "./table.js";
import { createTabs, isUnder, tabsOf } from "./tabs.js";
import { coloursOf, watchTheme } from "./theme.js";
import { createPanel, createTip } from "./trial.js";

const REST = 2; // a card is drawn again after this many times the time that drawing it took
const SLICE = 40; // ms of drawing after which messages have their turn: a header must not wait for all cards

const CLASSES = { wide: "tw-card tw-span", left: "tw-card tw-left", right: "tw-card", line: "tw-card tw-span tw-line" };

function createCard(panel, content) {
  const words = element("div", { class: "tw-help" }, panel.help);
  words.hidden = true;
  const help = element("button", { type: "button", class: "tw-question", "aria-label": `How to read ${panel.title}`, "aria-expanded": "false" }, "?");
  help.addEventListener("click", () => {
    words.hidden = !words.hidden;
    help.setAttribute("aria-expanded", String(!words.hidden));
  });
  const title = element("div", { class: "tw-title", role: "heading", "aria-level": "4" }, panel.title);
  const head = element("div", { class: "tw-cardhead" }, title, content.tools ?? null, help, element("div", { class: "tw-sentence" }, panel.sentence));
  return element("section", { class: "tw-card", "data-card": panel.name, "aria-label": panel.title }, head, words, content.node);
}

export class View {
  constructor(hub, root) {
    Object.assign(this, { hub, root, engine: null, colours: null, request: 0, wake: 0, sight: new Set(), dirty: new Set(), after: new Map() });
    this.head = createHead(hub, hub.model.get("search"));
    this.tip = createTip();
    this.panel = createPanel(hub, (config, opener) => this.head.clone(config, opener));
    this.cards = new Map();
    this.nodes = new Map(); // panel -> the card's element
    this.frame = element("div", { class: "tw-dashboard", role: "region", "aria-label": `Search ${hub.model.get("search")}` });
    this.build(hub.model.get("panels"));
    this.ends = [
      watchTheme(() => this.recolour()),
      withPlotly(hub.model.get("plotly"), no => hub.send({ kind: "plotly", no }), engine => { this.engine = engine; this.redraw(); }),
      this.watchSight(),
      this.hideStill(),
    ];
    this.head.update();
    this.panel.update();
    this.redraw();
  }

  build(panels) {
    const makers = { table: createTable, parallel: createParallel };
    const tabs = tabsOf(panels);
    this.groups = tabs.length ? tabs.map(tab => panels.filter(panel => panel.tab === tab)) : [panels];
    for (const panel of panels) {
      const content = (makers[panel.name] ?? createFigure)(this.hub, panel, {
        height: this.hub.model.get("height"),
        onHover: (trial, event) => this.hover(trial, event),
        picture: panel.name === "trials" ? this.hub.model.get("state")?.picture : "",
      });
      this.cards.set(panel.name, content);
      this.nodes.set(panel, createCard(panel, content));
    }
    this.place();
    this.tabs = createTabs(this.hub, tabs);
    // Cards that say so themselves have the words where the eyes are; without them a brush must not go unsaid.
    this.note = panels.some(panel => panel.name in makers) ? null : createBrushNote(this.hub);
    this.note?.node.classList.add("tw-brushbar");
    const cards = element("div", { class: "tw-cards" }, ...this.ordered(tabs.length > 0));
    this.tabs.rule(cards);
    const around = this.hub.model.get("bare") ? [] : [this.head.node, this.note?.node ?? "", this.tabs.node];
    this.frame.append(...around, cards, this.tip.node);
    this.root.append(this.frame);
    this.turn();
  }

  // The selected trial stands before the table, and below tabs both of them do.
  ordered(tabbed) {
    const nodes = [...this.nodes];
    const isTable = ([panel]) => panel.name === "table";
    const at = nodes.findIndex(isTable);
    const [before, after] = tabbed || at < 0
      ? [nodes.filter(item => !isTable(item)), nodes.filter(isTable)] : [nodes.slice(0, at), nodes.slice(at)];
    const panel = this.hub.model.get("bare") ? [] : [this.panel.node];
    return [...before.map(([, node]) => node), ...panel, ...after.map(([, node]) => node)];
  }

  // Gives each card its room: those that will have nothing to show take a line, and the others theirs.
  place() {
    const lines = new Set([...this.cards.keys()].filter(name => isLine(this.hub.cards.get(name))));
    for (const group of this.groups) {
      const places = placesOfCards(group, lines);
      group.forEach((panel, i) => attribute(this.nodes.get(panel), "class", CLASSES[places[i]]));
    }
  }

  // Shows the cards of the open tab. What is hidden is out of sight, and is neither computed nor drawn.
  turn() {
    this.tabs.update();
    for (const [panel, node] of this.nodes) node.hidden = !isUnder(panel, this.hub.tab);
  }

  // The static output of the same search, for pages without a kernel, would show everything twice.
  hideStill() {
    const style = element("style", {}, `.${this.hub.model.get("still")} { display: none; }`);
    document.head.append(style);
    return () => style.remove();
  }

  watchSight() {
    const observer = new IntersectionObserver(changes => {
      for (const { target, isIntersecting } of changes) this.see(target.dataset.card, isIntersecting);
      this.hub.tellSight();
    }, { rootMargin: "150px" });
    for (const node of this.frame.querySelectorAll(".tw-card")) observer.observe(node);
    return () => observer.disconnect();
  }

  see(name, inSight) {
    this.sight[inSight ? "add" : "delete"](name);
    if (inSight) this.mark([name]);
    else this.cards.get(name).hide(this.engine);
  }

  // --- drawing: once a frame at most, and no card before it has rested ---

  mark(names) {
    for (const name of names) this.dirty.add(name);
    this.request ||= requestAnimationFrame(() => this.draw());
  }

  redraw() { this.mark(this.cards.keys()); }

  due() { return [...this.dirty].filter(name => this.sight.has(name)); }

  isDrawn() { return this.due().length === 0; }

  draw() {
    this.request = 0;
    this.note?.update();
    this.colours ??= coloursOf(this.frame); // not before the page holds it: it has no style until then
    const end = performance.now() + SLICE;
    for (const name of this.due()) {
      const began = performance.now();
      if (began < (this.after.get(name) ?? 0)) continue;
      if (began >= end) {
        this.mark([]);
        break;
      }
      this.dirty.delete(name);
      this.cards.get(name).draw(this.engine, this.colours);
      const ended = performance.now();
      this.after.set(name, ended + REST * (ended - began));
    }
    this.hub.acknowledge();
    this.rest();
  }

  rest() {
    clearTimeout(this.wake);
    const next = Math.min(...this.due().map(name => this.after.get(name) ?? 0));
    if (next < Infinity) this.wake = setTimeout(() => this.mark([]), Math.max(0, next - performance.now()));
  }

  recolour() {
    this.colours = null;
    this.redraw();
  }

  // --- what the hub tells ---

  update(names) {
    this.header();
    this.place();
    this.mark(names.includes("brush") ? this.cards.keys() : names.filter(name => this.cards.has(name)));
    this.panel.update();
  }

  header() {
    this.head.update();
    this.panel.steer();
  }

  select() {
    this.panel.update();
    this.redraw();
  }

  explained() { return [...this.panel.trials(), ...(this.tip.trial === null ? [] : [this.tip.trial])]; }

  detailed(trial) {
    if (this.tip.trial === trial) this.tip.show(trial, this.hub.details(trial), this.pointer, this.frame);
    this.panel.detailed(trial);
  }

  hover(trial, event) {
    if (trial === null) {
      this.tip.hide();
      return;
    }
    this.pointer = event;
    this.tip.show(trial, this.hub.details(trial), event, this.frame);
  }

  fail(text) {
    this.hub.refused = `The figures cannot be drawn: ${text}`;
    this.header();
  }

  end() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.wake);
    this.head.end();
    this.panel.end();
    for (const card of this.cards.values()) card.end(this.engine);
    for (const end of this.ends) end();
  }
}
