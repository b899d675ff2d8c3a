import assert from "node:assert/strict";
import { test } from "node:test";

import { legendOf } from "../../tunewidgets/widgets/dashboard/legend.js";
import { highlights, themed, trialAt } from "../../tunewidgets/widgets/dashboard/spec.js";

const colours = { text: "#111", grid: "#eee", line: "#999", family: "Sans", chosen: "#000" };

test("the theme colours every axis and leaves the spec's own words", () => {
  const made = themed({ height: 300, xaxis: { title: "x" }, yaxis2: { gridcolor: "red" }, font: { size: 9 }, margin: { l: 5, t: 44 } }, colours);
  assert.deepEqual(made.font, { size: 9, color: "#111", family: "Sans" });
  assert.deepEqual([made.xaxis.title, made.xaxis.gridcolor, made.yaxis.gridcolor, made.yaxis2.gridcolor], ["x", "#eee", "#eee", "red"]);
  assert.deepEqual([made.height, made.showlegend, made.margin], [undefined, false, { l: 5, t: 12 }]);
});

test("points of selected trials get a ring, on their own axes", () => {
  const trace = { type: "scattergl", mode: "markers", x: new Float64Array([1, 2, 3]), y: new Float64Array([4, 5, 6]), customdata: new Int32Array([7, 8, 9]), yaxis: "y2" };
  const [ring] = highlights([trace], [9, 7], "#000");
  assert.deepEqual([ring.x, ring.y, ring.yaxis, ring.mode, ring.hoverinfo], [[1, 3], [4, 6], "y2", "markers", "skip"]);
});

test("a line that is not one piece has a gap", () => {
  const trace = { mode: "lines", x: [1, 2, null, 1, 2], y: [5, 6, null, 7, 8], customdata: [3, 3, null, 4, 4] };
  assert.deepEqual(highlights([trace], [3], "#000")[0].x, [1, 2]);
  assert.deepEqual(highlights([trace], [3, 4], "#000")[0].x, [1, 2, null, 1, 2]);
});

test("nothing selected, nothing there, nothing to point at: no highlight", () => {
  const trace = { mode: "markers", x: [1], y: [1], customdata: [3] };
  assert.deepEqual(highlights([trace], [], "#000"), []);
  assert.deepEqual(highlights([trace], [4], "#000"), []);
  assert.deepEqual(highlights([{ ...trace, hoverinfo: "skip" }, { ...trace, type: "heatmap" }, { x: [1], y: [1] }], [3], "#000"), []);
});

test("bars of selected trials get a frame", () => {
  const trace = { type: "bar", orientation: "h", base: [0, 5, 9], x: [4, 3, 1], y: [0, 1, 0], width: [0.7, 0.7, 0.7], customdata: [3, 4, 3], hoverinfo: "none" };
  const [frame] = highlights([trace], [3], "#000");
  assert.deepEqual([frame.type, frame.orientation, frame.base, frame.x, frame.y, frame.width], ["bar", "h", [0, 9], [4, 1], [0, 0], [0.7, 0.7]]);
  assert.deepEqual([frame.marker.line.color, frame.hoverinfo, frame.showlegend], ["#000", "skip", false]);
});

test("the trial under the pointer", () => {
  assert.equal(trialAt({ points: [{ customdata: 0 }] }), 0);
  assert.equal(trialAt({ points: [{ customdata: [12, 1] }] }), 12);
  assert.deepEqual([{ points: [{}] }, { points: [{ customdata: NaN }] }, undefined, { points: [] }].map(trialAt), [null, null, null, null]);
});

test("the legend names each trace once, by its marker and line", () => {
  const data = [
    { name: "best", mode: "lines", line: { color: "purple", dash: "dot" } },
    { name: "running", mode: "markers", marker: { symbol: "circle-open", color: "blue" } },
    { name: "running", mode: "markers", marker: { symbol: "circle-open", color: "blue" } },
    { name: "hidden", showlegend: false },
    { mode: "markers" },
  ];
  assert.deepEqual(legendOf(data), [
    { name: "best", line: true, edge: null, dash: "dot", shape: null, open: false, color: "purple" },
    { name: "running", line: false, edge: null, dash: "solid", shape: "circle", open: true, color: "blue" },
  ]);
});

test("bars are squares in the legend, outlines hollow ones", () => {
  const data = [
    { name: "pruned", type: "bar", marker: { color: "#808080", line: { width: 0, color: "rgba(0,0,0,0)" } } },
    { name: "to come", type: "bar", marker: { color: "rgba(0,0,0,0)", line: { width: 1, color: "#777777" } } },
  ];
  assert.deepEqual(legendOf(data).map(({ shape, open, line, color }) => [shape, open, line, color]),
    [["square", false, false, "#808080"], ["square", true, false, "#777777"]]);
  const [pale] = legendOf([{ name: "share", type: "bar", marker: { color: "rgba(1,2,3,0.5)", line: { width: 1, color: "#010203" } } }]);
  assert.deepEqual([pale.color, pale.edge], ["rgba(1,2,3,0.5)", "#010203"], "a pale bar is known by its outline");
});

test("the axes of a scene get the theme's colours, and no margin of their own", () => {
  const made = themed({ scene: { xaxis: { title: "x", gridcolor: "red" }, camera: "there" } }, colours);
  assert.deepEqual(made.scene.xaxis, { title: "x", gridcolor: "red", linecolor: "#999", tickcolor: "#999", zerolinecolor: "#eee" });
  assert.deepEqual([made.scene.zaxis.gridcolor, made.scene.camera], ["#eee", "there"]);
});
