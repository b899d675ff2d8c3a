// The replay: a slider over everything that has happened, steps from one notable event to the next, and the way back to
// the present. What is shown is a state of the widget, so all views and pages show the same moment.

import { attribute, element, keepKeys, say } from "./dom.js";

const HOLDS = 120; // milliseconds after which a slider that is held still counts as set
const PACES = { slow: 800, normal: 350, fast: 150 }; // milliseconds between two steps while it plays, at least

// Which moment a place of the slider means: its end is the present, and goes along with it.
export function momentAt(place, total) {
  return place >= total ? null : Math.max(1, Math.round(place));
}

// Where the slider stands.
export function positionOf(moment, total) {
  return moment === null || moment === undefined ? total : Math.min(moment, total);
}

// What stands beside it.
export function wordsOf(moment, total, replay) {
  if (!total) return "";
  if (moment === null || moment === undefined) return `${total.toLocaleString("en-US")} events so far`;
  const where = `event ${Math.min(moment, total).toLocaleString("en-US")} of ${total.toLocaleString("en-US")}`;
  return replay?.happened ? `${where}: ${replay.happened}` : where;
}

export function createReplay(hub) {
  const button = (label, symbol, action) => {
    const made = element("button", { type: "button", class: "tw-button tw-small", "aria-label": label, title: label }, symbol);
    made.addEventListener("click", action);
    return made;
  };
  const back = button("One step back", "‹", () => stepBy(-1));
  const play = button("Play from here", "▶", () => (playing ? halt() : start()));
  const forth = button("One step on", "›", () => stepBy(1));
  const live = button("Back to the present", "Live", () => { halt(); hub.replayTo(null); });
  const range = keepKeys(element("input", { type: "range", class: "tw-range", min: 1, step: 1, "aria-label": "Replay: after how many events" }));
  const speed = keepKeys(element("select", { class: "tw-select", "aria-label": "Replay speed", title: "How fast it plays" },
    ...Object.keys(PACES).map(name => element("option", { value: name }, name))));
  const words = element("div", { class: "tw-happened" });
  const node = element("div", { class: "tw-replay", role: "group", "aria-label": "Replay" }, back, play, forth, speed, range, live, words);
  let playing = 0;
  let pace = ""; // the speed at which it plays
  let wait = 0;
  let asked = 0; // the moment from which a step was asked for last

  const place = () => positionOf(hub.replay, hub.total);

  function stepBy(by) {
    asked = place();
    hub.step(by, asked);
  }

  function start() {
    if (hub.replay === null) hub.replayTo(1); // from the beginning
    asked = 0;
    run();
    update();
  }

  function run() {
    clearInterval(playing);
    pace = hub.speed;
    playing = setInterval(() => {
      if (hub.replay === null) halt(); // it has come to the present
      else if (hub.isDrawn() && asked !== place()) stepBy(0);
    }, PACES[pace]);
  }

  function halt() {
    clearInterval(playing);
    playing = 0;
    update();
  }

  function set() {
    clearTimeout(wait);
    wait = 0;
    hub.replayTo(momentAt(range.valueAsNumber, hub.total));
  }

  range.addEventListener("input", () => {
    if (playing) halt();
    clearTimeout(wait);
    wait = setTimeout(set, HOLDS);
  });
  range.addEventListener("change", set);
  speed.addEventListener("change", () => hub.playAt(speed.value));

  function update() {
    node.hidden = !hub.total;
    const past = hub.replay !== null;
    node.classList.toggle("tw-past", past);
    if (!wait) {
      range.max = Math.max(1, hub.total);
      range.valueAsNumber = place();
    }
    // The number is that of what is shown, so that it goes with the words; both lag behind the slider for a moment.
    const text = wordsOf(hub.replayed ? hub.entries : hub.replay, hub.total, hub.replayed);
    say(words, text);
    attribute(words, "title", text);
    attribute(range, "aria-valuetext", text);
    if (speed.value !== hub.speed) speed.value = hub.speed;
    if (playing && pace !== hub.speed) run();
    live.disabled = !past;
    back.disabled = place() <= 1;
    forth.disabled = !past;
    say(play, playing ? "‖" : "▶");
    attribute(play, "aria-label", playing ? "Halt" : past ? "Play from here" : "Play from the beginning");
    attribute(play, "title", play.getAttribute("aria-label"));
  }

  return { node, update, end: halt };
}
