// The brush in the cards that show trials in their own way: who is outside is faded, or left out of the table; and the line
// of words that says what is brushed, with a way to clear it.

import { attribute, element, say } from "./dom.js";
import { number } from "./format.js";
import { isBrushed } from "./parallel_spec.js";

const FAINT = 0.18;

// A figure's traces, those with trials outside the brush divided in two: the faint ones come first, and so lie below.
export function fade(data, inside) {
  if (!inside) return data;
  const [faint, strong] = [[], []];
  for (const trace of data) {
    const parts = isOfTrials(trace) ? divide(trace, inside.numbers) : [null, trace];
    if (parts[0]) faint.push(parts[0]);
    if (parts[1]) strong.push(parts[1]);
  }
  return [...faint, ...strong];
}

// A trace may say that it is of all trials as a whole.
function isOfTrials(trace) {
  return trace.customdata && trace.hoverinfo !== "skip" && !trace.meta?.whole && trace.marker?.opacity !== 0 && /^(scatter|bar)/.test(trace.type ?? "scatter");
}

function divide(trace, numbers) {
  const within = Array.from(trace.customdata, item => numbers.has(typeof item === "object" && item !== null ? item[0] : item));
  if (within.every(Boolean)) return [null, trace];
  const opacity = (trace.opacity ?? 1) * FAINT;
  const part = kept => (/lines/.test(trace.mode ?? (trace.type === "bar" ? "" : "lines")) ? gaps(trace, kept) : picked(trace, kept));
  const faint = { ...part(within.map(one => !one)), opacity };
  return [faint, within.some(Boolean) ? part(within) : null];
}

// A line keeps its points, so that its pieces stay apart, and those that are not to be seen become gaps.
function gaps(trace, kept) {
  return { ...trace, y: Array.from(trace.y, (value, i) => (kept[i] ? value : null)) };
}

// Of marks and bars those are taken that are meant, in every list that has one entry for each; a colour scale has none.
function picked(trace, kept) {
  const count = kept.length;
  const pick = (value, depth) => {
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return value.length === count ? Array.from(value).filter((_, i) => kept[i]) : value;
    if (!depth || value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, name.startsWith("color") && name !== "color" ? item : pick(item, depth - 1)]));
  };
  return pick(trace, 3);
}

// --- words ---

// An interval as a person says it.
export function intervalWords(interval) {
  const ends = interval.length === 2 && interval.every(end => end === null || typeof end === "number");
  if (!ends) return interval.map(String).join(", ") || "none";
  const [low, high] = interval;
  if (low === null && high === null) return "any";
  if (low === null) return `at most ${number(high)}`;
  if (high === null) return `at least ${number(low)}`;
  return low === high ? number(low) : `${number(low)} to ${number(high)}`;
}

export function brushWords(brushed, inside) {
  const parts = Object.entries(brushed).map(([name, interval]) => `${name} ${intervalWords(interval)}`).join(" · ");
  const all = n => n.toLocaleString("en-US");
  return inside ? `Showing ${all(inside.numbers.size)} of ${all(inside.of)} trials, brushed: ${parts}` : `Brushed: ${parts}`;
}

// A line that says what is brushed, and clears it; `otherwise` stands there while nothing is.
export function createBrushNote(hub, otherwise = "") {
  const words = element("span", { class: "tw-more", "aria-live": "polite" });
  const clear = element("button", { type: "button", class: "tw-button tw-small" }, "Clear brush");
  clear.addEventListener("click", () => hub.clearBrush());
  const node = element("div", { class: "tw-brushnote" }, words, clear);
  function update() {
    const on = isBrushed(hub.brushed);
    clear.hidden = !on;
    say(words, on ? brushWords(hub.brushed, hub.inside) : otherwise);
    attribute(words, "title", on ? words.textContent : ""); // where it is too long for its line
    node.hidden = !on && !otherwise;
  }
  update();
  return { node, update };
}
