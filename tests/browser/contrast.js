// What a person can read and tell apart: the contrast of texts, marks and focus rings, by WCAG 2.1. A script for the page:
// it gives itself as `window.contrast`.
//
// A text's background is what is on the screen when the text alone is hidden: so panels, tints, heat maps, canvases and
// opacities all count as they are seen. Marks and rings are compared with the nearest background behind them.

(() => {
  const HIDE = `
    .contrast-hidden, .contrast-hidden * { color: transparent !important; caret-color: transparent !important; transition: none !important; }
    .contrast-hidden text, .contrast-hidden text * { fill: transparent !important; } /* a halo stays: it is background */
    .contrast-hidden ::placeholder { color: transparent !important; }`;
  const LARGE = 24; // pixels from which a text counts as large
  const LARGE_IF_BOLD = 18.66;
  const SHARE = 0.25; // what fills less of a text's box is a line that crosses it

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  // Any CSS colour as [red, green, blue, alpha], the latter from 0 to 1; null where there is none.
  function parsed(colour) {
    if (!colour || colour === "none" || colour.startsWith("url")) return null;
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  function over([red, green, blue, alpha], back) {
    const mix = (one, other) => alpha * one + (1 - alpha) * other;
    return [mix(red, back[0]), mix(green, back[1]), mix(blue, back[2]), 1];
  }

  function luminance(colour) {
    const [red, green, blue] = colour.map(part => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function ratio(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  function ancestors(node) {
    const found = [];
    for (let at = node; at instanceof Element; at = at.parentElement) found.push(at);
    return found;
  }

  // How much of a node is left by its own opacity and that of all it stands in.
  function opacity(node) {
    return ancestors(node).reduce((product, at) => product * Number(getComputedStyle(at).opacity), 1);
  }

  function behind(node) {
    return ancestors(node).reverse().reduce((back, at) => over(parsed(getComputedStyle(at).backgroundColor) ?? [0, 0, 0, 0], back), [255, 255, 255, 1]);
  }

  function isDisabled(node) {
    return Boolean(node.closest(':disabled, [aria-disabled="true"]'));
  }

  function isSeen(node) {
    return node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }

  // Where a box can be seen: cut by all that it scrolls in, and by the window.
  function seenPart(box, node) {
    let [left, top, right, bottom] = [Math.max(0, box.left), Math.max(0, box.top), Math.min(innerWidth, box.right), Math.min(innerHeight, box.bottom)];
    for (const at of ancestors(node)) {
      const isWindow = at === document.body || at === document.documentElement; // what they cut off, the window does
      if (isWindow || getComputedStyle(at).overflow === "visible" || at instanceof SVGElement) continue;
      const edge = at.getBoundingClientRect();
      [left, top, right, bottom] = [Math.max(left, edge.left), Math.max(top, edge.top), Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return right - left > 2 && bottom - top > 2 ? { left, top, width: right - left, height: bottom - top } : null;
  }

  function* textsIn(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      if (!node.data.trim() || holder.closest("style, script, option, title, desc") || !isSeen(holder)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      yield { text: node.data.trim(), holder, box: range.getBoundingClientRect() };
    }
    for (const field of root.querySelectorAll("input:not([type=checkbox], [type=range]), select, textarea")) {
      const text = field.value || field.placeholder;
      const { x, y, width, height } = field.getBoundingClientRect(); // less its borders, and the arrow of a list
      if (text && isSeen(field)) yield { text, holder: field, box: new DOMRect(x + 4, y + 4, width - 28, height - 8), pseudo: field.value ? null : "::placeholder" };
    }
  }

  function inkOf({ holder, pseudo }) {
    const style = getComputedStyle(holder, pseudo);
    const svg = holder instanceof SVGElement;
    const colour = parsed(svg ? style.fill : style.color);
    if (!colour) return null;
    const share = opacity(holder) * (svg ? Number(style.fillOpacity) : 1) * (pseudo ? Number(style.opacity) : 1);
    return [...colour.slice(0, 3), colour[3] * share];
  }

  // Large letters need less, and so do symbols, which are graphics: a dot before a state's name, an arrow on a button.
  function needed(text, holder) {
    if (!/[\p{L}\p{N}]/u.test(text)) return 3;
    const style = getComputedStyle(holder);
    const size = parseFloat(style.fontSize);
    return size >= LARGE || (size >= LARGE_IF_BOLD && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  }

  function nameOf(node) {
    return ancestors(node).slice(0, 4).map(at => at.getAttribute("class") ?? at.tagName.toLowerCase()).reverse().join(" > ");
  }

  // The texts that are seen and are not those of disabled controls, with their ink; boxes in the page's own pixels.
  function texts(root) {
    return [...textsIn(root)].flatMap(one => {
      const box = seenPart(one.box, one.holder);
      const ink = inkOf(one);
      return box && ink && ink[3] > 0 && !isDisabled(one.holder) ? [{ ...one, box, ink }] : [];
    });
  }

  async function pixelsOf(picture) {
    const bytes = Uint8Array.from(atob(picture), letter => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return ({ left, top, width, height }) => {
      const { data } = context.getImageData(Math.floor(left), Math.floor(top), Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height)));
      const counted = new Map();
      for (let at = 0; at < data.length; at += 4) {
        const key = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        counted.set(key, (counted.get(key) ?? 0) + 1);
      }
      return [...counted].map(([key, count]) => ({ colour: [key >> 16, (key >> 8) & 255, key & 255], share: (4 * count) / data.length }));
    };
  }

  // The contrast that all of a text's background has but for thin lines that cross it.
  function against(ink, backgrounds) {
    const sorted = backgrounds.map(({ colour, share }) => ({ ratio: ratio(over(ink, colour), colour), share })).sort((a, b) => a.ratio - b.ratio);
    let left = SHARE;
    return (sorted.find(({ share }) => (left -= share) < 0) ?? sorted.at(-1)).ratio;
  }

  const hide = Object.assign(document.createElement("style"), { textContent: HIDE });

  function named(node) {
    const labels = [...(node.labels ?? [])].map(label => label.textContent);
    return [node.getAttribute("aria-label"), ...labels, node.textContent, node.title].map(text => text?.trim()).find(Boolean) ?? "";
  }

  function ringOf(focused) {
    const meant = focused.getAttribute("aria-activedescendant"); // a grid's ring is around the row that is meant
    const node = document.getElementById(meant) ?? focused;
    const style = getComputedStyle(node);
    const hit = node.querySelector(".tw-hit"); // an axis of parallel coordinates draws its own
    const drawn = hit ? getComputedStyle(hit).stroke : style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1 ? "none" : style.outlineColor;
    const ring = parsed(drawn);
    const back = behind(node.parentElement);
    return ring ? ratio(over(ring, back), back) : 0;
  }

  const own = {
    // Hides all texts for the picture, and shows them again.
    veil(on) {
      document.head.append(hide);
      document.body.classList.toggle("contrast-hidden", on);
    },

    // {checked, poor: those whose contrast is below what WCAG AA asks}; `picture` is the window without its texts.
    async ofTexts(root, picture) {
      const pixels = await pixelsOf(picture);
      const found = texts(root).map(({ text, holder, box, ink }) => ({
        text: text.slice(0, 60), where: nameOf(holder), ratio: Number(against(ink, pixels(box)).toFixed(2)), needed: needed(text, holder),
      }));
      return { checked: found.length, poor: found.filter(one => one.ratio < one.needed) };
    },

    // The same of marks and lines: those of the nodes that a selector finds, by the better one of fill and stroke.
    ofMarks(root, selector) {
      const found = [...root.querySelectorAll(selector)].filter(node => isSeen(node) && !isDisabled(node)).flatMap(node => {
        const [style, back, share] = [getComputedStyle(node), behind(node), opacity(node)];
        const inks = [[style.fill, style.fillOpacity], [Number.parseFloat(style.strokeWidth) > 0 ? style.stroke : "none", style.strokeOpacity]]
          .flatMap(([colour, part]) => (parsed(colour) ? [[...parsed(colour).slice(0, 3), parsed(colour)[3] * share * Number(part)]] : []));
        if (!inks.length) return []; // the carrier of a fill or of points only
        const best = Math.max(0, ...inks.map(ink => ratio(over(ink, back), back)));
        const words = inks.map(ink => ink.map(part => Number(part.toFixed(2))).join(" ")).join("; ");
        const trace = node.closest(".trace, .traces")?.__data__?.[0]?.trace?.name ?? "";
        return [{ trace, where: `${nameOf(node)}: ${words}`, ratio: Number(best.toFixed(2)), needed: 3 }];
      });
      return { checked: found.length, poor: found.filter(one => one.ratio < one.needed) };
    },

    // The same of the borders of fields: by them one sees where there is something to fill in.
    ofFields(root) {
      const found = [...root.querySelectorAll("input:not([type=checkbox], [type=range]), select, textarea")].filter(node => isSeen(node) && !isDisabled(node)).map(node => {
        const back = behind(node.parentElement);
        const edge = over(parsed(getComputedStyle(node).borderTopColor), back);
        return { where: nameOf(node), ratio: Number(ratio(edge, back).toFixed(2)), needed: 3 };
      });
      return { checked: found.length, poor: found.filter(one => one.ratio < one.needed) };
    },

    // What has the focus: what it is called, and the contrast of its ring with what is behind it; 0 where there is no ring.
    ofFocus() {
      const node = document.activeElement;
      return { name: named(node), tag: node.tagName.toLowerCase(), inside: Boolean(node.closest(".tw-dashboard")), ring: ringOf(node) };
    },
  };

  window.contrast = own;
})();
