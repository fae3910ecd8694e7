// Says to a screen reader what has come of a change, once it is quiet.

import { byId, setText } from "./dom.js";
import { several } from "./words.js";

const QUIET_MS = 500;
let waiting = 0;

export function announce(change) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const seen = change.seen ? `: seen on ${several(change.seen, "phone")}` : "";
    setText(byId("said"), `${change.what}${seen}`);
  }, QUIET_MS);
}
