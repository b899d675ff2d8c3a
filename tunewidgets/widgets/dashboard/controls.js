// Which buttons make sense now, and what they say: a button never claims more than events have shown.

import { isGone } from "./format.js";

const LIVE = new Set(["starting", "running", "paused"]);
const RESUMABLE = new Set(["paused", "stopping", "stopped", "failed"]);
export const ASKED = {
  pause: "Pausing …", resume: "Resuming …", stop: "Stopping …", "stop now": "Stopping …",
};

// `asked` is the set of commands given that no event has answered yet; `live` says that Python has spoken.
export function controls(header, asked, live) {
  const gone = isGone(header);
  const resume = gone || RESUMABLE.has(header.status);
  const running = LIVE.has(header.status) && !gone;
  const toggle = resume ? "resume" : "pause";
  const button = (command, label, enabled, title) => ({
    command, title, label: asked.has(command) ? ASKED[command] : label, enabled: live && enabled && !asked.has(command),
  });
  return [
    resume
      ? button("resume", "Resume", true, "Go on with the search")
      : button("pause", "Pause", running, "Start nothing new; trials that run go on to their budgets"),
    button("stop", "Stop after running trials", running, "Let the trials that run end, then end the search"),
    button("stop now", "Stop now", !gone && (running || (header.status === "stopping" && !header.at_once)),
      "End the trials that run and the search at once"),
  ].map((item, i) => ({ ...item, key: ["toggle", "stop", "stop now"][i], toggle }));
}

export const WAITS = "The click waits: Python is busy with a running cell, and takes it when that cell ends.";
export const UNHEARD = "The search has not taken the command yet.";

// The one line of words below the header: what went wrong with a click comes before what the search has to say.
export function messageLine(header, clicks) {
  if (clicks.refused) return { text: clicks.refused, tone: "bad" };
  if (clicks.waits) return { text: WAITS, tone: "rest" };
  if (clicks.unheard) return { text: UNHEARD, tone: "rest" };
  if (!header.message) return { text: "", tone: "" };
  return { text: header.message, tone: isGone(header) || header.status === "failed" ? "bad" : "rest" };
}
