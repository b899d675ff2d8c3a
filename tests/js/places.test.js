import assert from "node:assert/strict";
import { test } from "node:test";

import { placesOfCards } from "../../tunewidgets/widgets/dashboard/places.js";

// A letter a card; a capital one needs both columns.
const places = text => placesOfCards([...text].map(letter => ({ name: letter, wide: letter !== letter.toLowerCase() }))).join(" ");

test("cards stand in two columns, and none beside an empty place", () => {
  assert.equal(places("tcbT"), "left right wide wide");
  assert.equal(places("tPcb"), "wide wide left right");
  assert.equal(places("P"), "wide");
  assert.equal(places("Tt"), "wide wide");
  assert.equal(places("abc"), "left right wide");
  assert.equal(places(""), "");
});
