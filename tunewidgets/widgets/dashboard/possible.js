// What may be asked of a search and of a trial just now: a button is there, or works, only where it makes sense.

import { isGone } from "./format.js";

const AT_WORK = new Set(["running", "paused"]);
const UNDER_WAY = new Set(["running", "interrupted", "paused"]);
const RESUME_FIRST = "Resume the search first";

// The header's further tools. One that is not possible says why in its title.
export function tools(header, asked, live) {
  const open = live && !isGone(header) && header.status !== "starting";
  const going = open && (AT_WORK.has(header.status) || header.status === "finished");
  const tool = (key, label, busy, enabled, title) => ({
    key, title: open && !enabled ? RESUME_FIRST : title, label: asked.has(key) ? busy : label, enabled: enabled && !asked.has(key),
  });
  return [
    tool("extend", "Extend", "Extending …", open, "Set new limits on trials and time; a search at rest goes on"),
    tool("add", "Add a trial", "Adding …", going, "Try a configuration of your own next"),
    tool("edit", "Edit the space", "Editing …", going, "Take further suggestions from other ranges and choices"),
  ];
}

export function mayChangeWorkers(header, live) {
  return live && !isGone(header) && (AT_WORK.has(header.status) || header.status === "stopping");
}

// The buttons of one trial: what it is in by its details, what was clicked by `asked`.
export function trialTools(details, header, asked, live) {
  if (!details || !header) return [];
  const open = live && !isGone(header);
  const said = name => asked.has(`${name} ${details.number}`);
  const tool = (name, label, busy, enabled, title) => ({ name, label: busy || label, enabled: open && enabled && !busy, title });
  const stops = UNDER_WAY.has(details.state);
  const killing = said("kill") || details.stopping === "kill";
  const skipping = killing || said("skip") || details.stopping === "skip";
  const found = [];
  if (stops) found.push(tool("skip", "Skip", skipping && !killing ? "Skipping …" : "", !skipping, "Stop this trial at its next report"));
  if (details.state === "running") found.push(tool("kill", "Kill", killing ? "Killing …" : "", true, "End this trial's process at once"));
  if (details.state === "failed" || details.state === "stopped") {
    const again = said("retry") ? "Retrying …" : details.again ? "To be run again" : "";
    found.push(tool("retry", "Retry", again, true, "Run this trial again, as a further attempt"));
  }
  const add = tools(header, asked, live).find(one => one.key === "add");
  found.push({ name: "clone", label: "Clone and edit", enabled: add.enabled, title: add.enabled ? "Change this configuration and try it as a new trial" : add.title });
  return found;
}

// What the user asked for and no worker has begun yet.
export function waiting(header) {
  const { added = 0, again = 0 } = header;
  return [added && `+\u00a0${added}\u00a0added, not begun`, again && `↻\u00a0${again}\u00a0to be run again`].filter(Boolean).join("   ");
}
