// In which order the axes of parallel coordinates stand: Python's, or a person's own, kept as names.

// The axes' places in the order of `wanted`; names that it does not know keep their place behind those before them.
export function placesInOrder(names, wanted) {
  const rest = wanted.filter(name => names.includes(name));
  if (!rest.length) return names.map((_, i) => i);
  const order = [...rest];
  names.forEach((name, i) => {
    if (order.includes(name)) return;
    const before = names.slice(0, i).reverse().find(one => order.includes(one));
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, name);
  });
  return order.map(name => names.indexOf(name));
}

// Lines with their axes in a person's order.
export function inOrder(lines, wanted) {
  const places = placesInOrder(lines.axes.map(axis => axis.name), wanted);
  return { ...lines, axes: places.map(i => lines.axes[i]), heights: places.map(i => lines.heights[i]) };
}

// The names with one of them at another place.
export function withMoved(names, from, to) {
  const place = Math.min(names.length - 1, Math.max(0, to));
  const others = names.filter((_, i) => i !== from);
  return [...others.slice(0, place), names[from], ...others.slice(place)];
}

// The place whose axis is nearest to a pixel.
export function slotAt(xs, x) {
  return xs.reduce((best, at, i) => (Math.abs(at - x) < Math.abs(xs[best] - x) ? i : best), 0);
}
