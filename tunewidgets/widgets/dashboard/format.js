// Numbers, times and configurations as short words.

export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace("e+", "e").replace(/^-/, "−");
}

export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = n => String(n).padStart(2, "0");
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

// Python's words say themselves whether something is still to come, or never will.
export function asSentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function amount(count, unit) {
  return `${count.toLocaleString("en-US")} ${unit}${count === 1 ? "" : "s"}`;
}

export function plainValue(value) {
  if (typeof value === "number") return number(value);
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function shortConfig(config, most = 4) {
  const all = Object.entries(config).map(([name, value]) => `${name} ${plainValue(value)}`);
  return all.slice(0, most).join(", ") + (all.length > most ? ", …" : "");
}

// The same shapes as the figures' markers.
export const SYMBOLS = {
  running: "○", interrupted: "△", paused: "◆", pruned: "▼", completed: "●", failed: "✕", stopped: "■",
};

const CHIPS = {
  starting: ["◌", "Starting", "busy"],
  running: ["▶", "Running", "busy"],
  paused: ["‖", "Paused", "rest"],
  stopping: ["◧", "Stopping", "rest"],
  finished: ["✓", "Finished", "good"],
  stopped: ["■", "Stopped", "rest"],
  failed: ["✕", "Failed", "bad"],
};

// The status in a symbol and a word: never in colour alone.
export function chip(header) {
  if (isGone(header)) return { symbol: "⚠", words: "Coordinator gone", tone: "bad" };
  const [symbol, words, tone] = CHIPS[header.status] ?? ["?", header.status, "rest"];
  return { symbol, words, tone };
}

export function isGone(header) {
  return header.health === "gone" && header.status !== "finished";
}

const ENDED = new Set(["finished", "stopped", "failed"]);

// What stands where the best trial would: nothing is promised that will not come.
export function noBest(header) {
  const { goals = [], bounds = [], counts = {} } = header;
  if (bounds.length && counts.completed) return `no trial keeps ${bounds.join(" and ")}${ENDED.has(header.status) ? "" : " yet"}`;
  if (goals.length > 1 && header.best) return `no trial has reported ${goals.join(" and ")} together`;
  return ENDED.has(header.status) ? "no trial has come to rest with a value" : "no trial has come to rest yet";
}

// What stands as the best: one trial, or with several goals those that none beats in all of them.
export function bestOf(header) {
  const { best, front = [], trade_offs: count = 0, goals = [] } = header;
  if (front.length) {
    const reach = ({ metric, best: from, worst: to }) => `${metric} ${number(from)}` + (from === to ? "" : ` to ${number(to)}`);
    return { value: amount(count, "best trade-off"), more: front.map(reach).join("  ·  ") };
  }
  if (!best || goals.length > 1) return { value: "–", more: noBest(header) };
  return { value: `${number(best.value)}  ${header.metric}`, more: `trial ${best.number}: ${shortConfig(best.config)}` };
}

export function progress(header) {
  const { settled, planned, started = 0, spent, budget, unit, counts = {}, busy = 0 } = header;
  if (planned && !budget && counts.paused) {
    // Nobody knows yet which of those that wait will go on: what has begun says more than what is settled.
    const trials = `${started.toLocaleString("en-US")} of ${amount(planned, "trial")} started`;
    return { trials, used: amount(spent, unit), share: Math.min(1, Math.max(0, started - busy) / planned) };
  }
  const trials = planned ? `${settled.toLocaleString("en-US")} of ${amount(planned, "trial")} settled` : `${amount(settled, "trial")} settled`;
  const used = budget ? `${spent.toLocaleString("en-US")} of ${amount(budget, unit)}` : amount(spent, unit);
  const share = planned ? settled / planned : null;
  return { trials, used, share: share === null ? null : Math.min(1, share) };
}

const COUNTED = ["running", "interrupted", "paused", "pruned", "completed", "failed", "stopped"];

export function tally(counts) {
  return COUNTED.filter(state => counts[state]).map(state => `${SYMBOLS[state]}\u00a0${counts[state].toLocaleString("en-US")}\u00a0${state}`).join("   ");
}
