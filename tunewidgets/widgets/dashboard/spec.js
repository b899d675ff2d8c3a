// Plotly specs made fit for the page: the theme's colours, and the selected trials on top.

const AXIS = /^[xyz]axis\d*$/;
const SCENE = /^scene\d*$/;

export function themed(layout, colours) {
  const axis = old => ({
    gridcolor: colours.grid, linecolor: colours.line, tickcolor: colours.line, zerolinecolor: colours.grid, automargin: true, ...old,
  });
  const { height, width, ...rest } = layout; // the page's business
  const axes = Object.entries({ xaxis: {}, yaxis: {}, ...rest }).filter(([name]) => AXIS.test(name));
  const scenes = Object.entries(rest).filter(([name]) => SCENE.test(name));
  return {
    hovermode: "closest",
    uirevision: "kept",
    ...rest,
    ...Object.fromEntries(axes.map(([name, old]) => [name, axis(old)])),
    ...Object.fromEntries(scenes.map(([name, old]) => [name, inSpace(old, colours)])),
    autosize: true,
    showlegend: false, // the page has its own
    margin: { ...rest.margin, t: Math.min(rest.margin?.t ?? 12, 12) },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { size: 12, ...layout.font, color: colours.text, family: colours.family },
  };
}

// A scene's axes have no automatic margin, and walls that would hide the page.
function inSpace(scene, colours) {
  const lines = { gridcolor: colours.grid, linecolor: colours.line, tickcolor: colours.line, zerolinecolor: colours.grid };
  const axes = ["xaxis", "yaxis", "zaxis"].map(name => [name, { ...lines, ...scene[name] }]);
  return { ...scene, ...Object.fromEntries(axes) };
}

// One trace on top of each that has points of the selected trials: rings around points, a strong line along lines, a
// frame around bars.
export function highlights(data, selected, colour) {
  if (!selected.length) return [];
  const chosen = new Set(selected);
  const shown = trace => trace.customdata && trace.hoverinfo !== "skip" && /^(scatter|bar)/.test(trace.type ?? "scatter");
  return data.filter(shown)
    .map(trace => highlight(trace, chosen, colour)).filter(trace => trace !== null);
}

function highlight(trace, chosen, colour) {
  const numbers = Array.from(trace.customdata, item => (typeof item === "object" && item !== null ? item[0] : item));
  const found = numbers.flatMap((number, i) => (chosen.has(number) ? [i] : []));
  if (!found.length) return null;
  if (trace.type === "bar") return framed(trace, found, colour);
  const lines = /lines/.test(trace.mode ?? "lines");
  const pick = values => broken(found, lines).map(i => (i === null ? null : values[i]));
  const axes = Object.fromEntries(["xaxis", "yaxis"].filter(name => trace[name]).map(name => [name, trace[name]]));
  return {
    ...axes, type: "scatter", mode: lines ? "lines+markers" : "markers", x: pick(trace.x), y: pick(trace.y),
    line: { color: colour, width: 3, shape: trace.line?.shape ?? "linear" },
    marker: lines ? { color: colour, size: 5 } : { symbol: "circle-open", color: colour, size: 15, line: { width: 2.5 } },
    hoverinfo: "skip", showlegend: false, cliponaxis: false,
  };
}

// Bars get a frame of the same size.
function framed(trace, found, colour) {
  const pick = name => found.map(i => trace[name][i]);
  return {
    type: "bar", orientation: trace.orientation, base: pick("base"), x: pick("x"), y: pick("y"), width: pick("width"),
    marker: { color: "rgba(0,0,0,0)", line: { color: colour, width: 2.5 } }, hoverinfo: "skip", showlegend: false,
  };
}

// Indices that do not follow each other belong to different lines: a gap goes between them.
function broken(indices, lines) {
  if (!lines) return indices;
  return indices.flatMap((index, i) => (i > 0 && index !== indices[i - 1] + 1 ? [null, index] : [index]));
}

export function trialAt(event) {
  const data = event?.points?.[0]?.customdata;
  const found = Array.isArray(data) || ArrayBuffer.isView(data) ? data[0] : data;
  return Number.isInteger(found) && found >= 0 ? found : null;
}
