// Plotly.js, once a page: what is there is used, else Python is asked for the script of the installed plotly package.

const SHELF = Symbol.for("tunewidgets.plotly");
// Seconds after which Python is asked again. The first messages of a page can wait for the end of a running cell, where
// the front end has no subshell to send them to yet; and the kernel that was asked first may be gone.
const AGAIN = [0, 1, 4, 10, 20];

export function isFit(engine, wanted) {
  const major = text => String(text ?? "").split(".")[0];
  return Boolean(engine?.react) && (!wanted || major(engine.version) === major(wanted));
}

function shelf() {
  return (globalThis[SHELF] ??= { engine: null, loading: false, waiting: new Set() });
}

// Calls back with Plotly, at once where it is there; `ask` is called if Python is to be asked. Returns the way out.
export function withPlotly(wanted, ask, callback) {
  const here = shelf();
  if (!here.engine && isFit(globalThis.Plotly, wanted)) here.engine = globalThis.Plotly;
  if (here.engine) {
    callback(here.engine);
    return () => {};
  }
  const first = here.waiting.size === 0; // others on this page have asked already: they leave a first try to them
  here.waiting.add(callback);
  const timers = AGAIN.slice(first ? 0 : 1).map((seconds, i) => setTimeout(() => here.engine || here.loading || ask(i), 1000 * seconds));
  return () => { timers.forEach(clearTimeout); here.waiting.delete(callback); };
}

// Python's answer: the script, gzipped. It takes a second to be read, or ten on a busy machine, and once is enough.
export async function takePlotly(view) {
  const here = shelf();
  if (here.engine || here.loading) return;
  here.loading = true;
  try {
    await runPlotly(here, view);
  } finally {
    here.loading = false;
  }
  for (const callback of here.waiting) callback(here.engine);
  here.waiting.clear();
}

async function runPlotly(here, view) {
  const others = globalThis.Plotly; // of another major version, and somebody else's
  const stream = new Blob([view]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = await new Response(stream).blob();
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    await import(/* webpackIgnore: true */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
  here.engine = globalThis.Plotly;
  if (others && others !== here.engine) globalThis.Plotly = others;
}
