import assert from "node:assert/strict";
import { test } from "node:test";

import { unpack, unpackCards } from "../../tunewidgets/widgets/dashboard/wire.js";

// A view at an odd offset of a larger buffer: how messages arrive.
function view(array) {
  const bytes = new Uint8Array(array.byteLength + 3);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 3);
  return new DataView(bytes.buffer, 3);
}

test("a buffer becomes a typed array, wherever it lies", () => {
  const y = unpack({ y: { $: "f8", n: 0, shape: [3] } }, [view(new Float64Array([1.5, NaN, -2]))]).y;
  assert.ok(y instanceof Float64Array);
  assert.deepEqual([...y], [1.5, NaN, -2]);
});

test("a matrix becomes rows", () => {
  const z = unpack({ $: "i4", n: 0, shape: [2, 3] }, [view(new Int32Array([1, 2, 3, 4, 5, 6]))]);
  assert.deepEqual(z.map(row => [...row]), [[1, 2, 3], [4, 5, 6]]);
});

test("an array without elements has no rows", () => {
  assert.deepEqual(unpack({ $: "f8", n: 0, shape: [0, 3] }, [view(new Float64Array(0))]), []);
});

test("everything else stays what it is", () => {
  const value = { a: [1, null, "x"], b: { n: 1, $x: true }, c: false };
  assert.deepEqual(unpack(value, []), value);
});

test("each card has its own buffers", () => {
  const at = { $: "u1", n: 0, shape: [1] };
  const cards = { first: { card: { v: at }, at: 0, n: 1 }, second: { card: { v: at }, at: 1, n: 1 } };
  const found = unpackCards(cards, [view(new Uint8Array([7])), view(new Uint8Array([9]))]);
  assert.deepEqual(found.map(([name, card]) => [name, card.v[0]]), [["first", 7], ["second", 9]]);
});
