// One card with a figure: drawn when in sight, given back when not, as browsers allow few WebGL contexts.

import { fade } from "./brush.js";
import { element, say } from "./dom.js";
import { asSentence } from "./format.js";
import { createLegend } from "./legend.js";
import { createOptions } from "./options.js";
import { highlights, themed, trialAt } from "./spec.js";

const CONFIG = {
  displaylogo: false, displayModeBar: "hover", doubleClick: "reset+autosize", responsive: false,
  modeBarButtonsToRemove: ["sendChartToCloud", "lasso2d", "select2d", "autoScale2d"],
};

export function createFigure(hub, panel, { height, onHover, picture }) {
  const plot = element("div", { class: "tw-plot", role: "figure", "aria-label": `${panel.title}: ${panel.sentence}`, style: `height:${height}px` });
  const words = element("div", { class: "tw-words", role: "note" });
  const legend = createLegend();
  const options = createOptions(hub, panel);
  const frame = element("div", { class: "tw-figure", style: `min-height:${height}px` }, plot, words);
  const note = element("div", { class: "tw-note" });
  const node = element("div", {}, options.more, note, legend.node, frame);
  let drawn = false;
  let still = null;

  function purge(engine) {
    if (drawn) engine.purge(plot);
    drawn = false;
  }

  function speak(text, broken) {
    say(words, text);
    words.hidden = !text;
    plot.hidden = Boolean(text) && !still;
    words.classList.toggle("tw-broken", Boolean(broken));
    frame.classList.toggle("tw-bare", plot.hidden); // a card that has nothing to show takes little room
  }

  // Before there is anything to draw with, the picture that was saved last stands in.
  function showStill() {
    still ??= picture ? element("img", { class: "tw-picture", alt: panel.sentence, src: `data:image/svg+xml;utf8,${encodeURIComponent(picture)}` }) : null;
    if (still && !still.isConnected) plot.append(still);
  }

  function listen(engine) {
    plot.on("plotly_hover", event => onHover(trialAt(event), event.event));
    plot.on("plotly_unhover", () => onHover(null));
    plot.on("plotly_click", event => {
      const trial = trialAt(event);
      if (trial !== null) hub.choose(trial, event.event?.shiftKey || event.event?.ctrlKey || event.event?.metaKey);
    });
    const observer = new ResizeObserver(() => { if (drawn && plot.offsetWidth) engine.Plots.resize(plot); });
    observer.observe(node);
    return observer;
  }

  let observer = null;
  function draw(engine, colours) {
    const card = hub.cards.get(panel.name);
    if (!card || !engine) {
      showStill();
      speak(still || !card ? (card || still ? "" : "waiting for the search …") : "loading the figures …");
      return;
    }
    options.update(card.options);
    say(note, card.end === "drawn" ? card.note ?? "" : "");
    if (card.end !== "drawn") {
      purge(engine);
      legend.show([]);
      speak(asSentence(card.text), card.end === "broken");
      return;
    }
    still?.remove();
    still = null;
    speak("");
    legend.show(card.data);
    const data = [...fade(card.data, hub.inside), ...highlights(card.data, hub.selected, colours.chosen)];
    const first = !drawn;
    if (panel.wide) plot.style.height = `${Math.max(height, card.layout.height ?? 0)}px`; // it knows what room it needs
    engine.react(plot, data, themed(card.layout, colours), CONFIG);
    drawn = true;
    if (!first) return;
    observer?.disconnect();
    observer = listen(engine);
  }

  return { node, tools: options.node, draw, hide: purge, end: engine => { observer?.disconnect(); if (engine) purge(engine); } };
}
