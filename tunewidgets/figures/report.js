// A report's figures, alive: the pictures give way to figures that can be zoomed, and what is pointed at is explained.

const colours = JSON.parse(document.getElementById("tw-colours").textContent);
const told = JSON.parse(document.getElementById("tw-trials").textContent);
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);

function trialAt(event) {
  const data = event.points?.[0]?.customdata;
  const found = Array.isArray(data) || ArrayBuffer.isView(data) ? data[0] : data;
  return Number.isInteger(found) && told[found] ? found : null;
}

function point(event) {
  const trial = trialAt(event);
  tip.hidden = trial === null;
  if (trial === null) return;
  tip.textContent = told[trial];
  const { pageX, pageY } = event.event;
  tip.style.left = `${Math.max(0, Math.min(pageX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${pageY + 14}px`;
}

// The row of a trial that was clicked comes into sight.
function show(event) {
  const trial = trialAt(event);
  const row = trial === null ? null : document.getElementById(`trial-${trial}`);
  if (!row) return;
  document.querySelectorAll("tr.chosen").forEach(other => other.classList.remove("chosen"));
  row.classList.add("chosen");
  row.scrollIntoView({ block: "center" });
}

async function start() {
  const packed = Uint8Array.from(atob(document.getElementById("tw-plotly").textContent), letter => letter.charCodeAt(0));
  const script = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  (0, eval)(script); // plotly.js, out of this very file
  for (const spec of document.querySelectorAll("script.spec")) {
    const { data, layout } = JSON.parse(spec.textContent);
    const node = document.createElement("div");
    node.className = "plot";
    const picture = spec.previousElementSibling;
    picture.after(node);
    const size = { autosize: true, height: layout.height ?? 360, font: { ...layout.font, ...colours } };
    const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["sendChartToCloud"] };
    await globalThis.Plotly.newPlot(node, data, { ...layout, ...size }, config);
    picture.remove();
    node.on("plotly_hover", point);
    node.on("plotly_unhover", () => { tip.hidden = true; });
    node.on("plotly_click", show);
  }
}

start().catch(error => console.error("The pictures stay as they are:", error));
