// Messages to specs: what Python's `pack` has split is put together again.

const ARRAYS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array,
};

export function unpack(value, buffers) {
  if (Array.isArray(value)) return value.map(item => unpack(item, buffers));
  if (value === null || typeof value !== "object") return value;
  if ("$" in value && "n" in value) return unpackArray(value, buffers[value.n]);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, unpack(item, buffers)]));
}

// Buffers arrive at any offset, and a typed array wants an aligned one: so the bytes are copied.
function unpackArray({ $: kind, shape }, view) {
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return nest(new ARRAYS[kind](bytes), shape);
}

function nest(flat, shape) {
  if (shape.length === 1) return flat;
  const size = flat.length / (shape[0] || 1);
  return Array.from({ length: shape[0] }, (_, i) => nest(flat.subarray(i * size, (i + 1) * size), shape.slice(1)));
}

// A frame's cards by name, each unpacked from its own buffers.
export function unpackCards(cards, buffers) {
  return Object.entries(cards).map(([name, { card, at, n }]) => [name, unpack(card, buffers.slice(at, at + n))]);
}
