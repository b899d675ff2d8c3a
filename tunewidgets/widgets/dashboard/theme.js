// The notebook's colours as Plotly needs them, and word of their change.

const FALLBACK = {
  light: { text: "#222", muted: "#666", grid: "#e4e4e4", line: "#999", back: "#fff" },
  dark: { text: "#e6e6e6", muted: "#aaa", grid: "#3a3a3a", line: "#777", back: "#111" },
};

export function isDark() {
  const said = document.body.dataset.jpThemeLight;
  return said === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : said === "false";
}

export function coloursOf(node) {
  const style = getComputedStyle(node);
  const mode = isDark() ? "dark" : "light";
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--jp-ui-font-color1", FALLBACK[mode].text),
    grid: read("--jp-border-color2", FALLBACK[mode].grid),
    line: read("--jp-border-color1", FALLBACK[mode].line),
    back: read("--jp-layout-color1", FALLBACK[mode].back),
    family: style.fontFamily,
    chosen: mode === "dark" ? "#ffffff" : "#000000",
  };
}

// Calls back when the theme has changed, again when its stylesheet is there; returns the way to end that.
export function watchTheme(callback) {
  let timer = 0;
  const observer = new MutationObserver(() => {
    callback();
    clearTimeout(timer);
    timer = setTimeout(callback, 400);
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return () => { observer.disconnect(); clearTimeout(timer); };
}
