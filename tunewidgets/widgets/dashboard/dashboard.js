// The dashboard's front end: `initialize` once a page, `render` once a view. Both get wrappers of their own around the
// model, so what they share lives in this closure.

import { Hub } from "./hub.js";
import { View } from "./view.js";

export default () => {
  let hub = null;
  return {
    initialize({ model }) {
      hub = new Hub(model);
      hub.start(); // here and not in `render`: messages that come before the first view are kept
      return () => hub.stop();
    },
    render({ el }) {
      const view = new View(hub, el);
      hub.join(view);
      return () => {
        view.end();
        hub.part(view);
      };
    },
  };
};
