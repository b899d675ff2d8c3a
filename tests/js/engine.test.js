import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { takePlotly, withPlotly } from "../../tunewidgets/widgets/dashboard/engine.js";

test("while the script is read nobody asks for it again, and a second answer is left alone", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const leave = withPlotly("4.1", number => asked.push(number), () => {});
  mock.timers.tick(0);
  const first = takePlotly(new Uint8Array([1, 2, 3])); // no gzip: it fails in a moment
  mock.timers.tick(1000);
  assert.deepEqual(asked, [0]);
  await takePlotly(new Uint8Array([1, 2, 3]));
  await assert.rejects(first);
  mock.timers.tick(3000);
  assert.deepEqual(asked, [0, 2], "the answer was no script, so it is asked for once more");
  leave();
  mock.timers.reset();
});
