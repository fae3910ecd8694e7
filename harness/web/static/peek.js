// Where the ladder stands below the phones: a line at the foot of the window with the last change, which leads to it.

import { byId, setText } from "./dom.js";
import { state } from "./state.js";
import { several, span } from "./words.js";

let below = false;

new IntersectionObserver(([entry]) => {
  below = !entry.isIntersecting && entry.boundingClientRect.top > 0;
  drawPeek();
}).observe(byId("ladder"));

export function drawPeek() {
  const { change } = state;
  byId("peek").hidden = !below || !change?.start;
  if (!change?.start) return;
  setText(byId("peek-what"), byId("what").textContent);
  setText(byId("peek-seen"), change.seen ? several(change.seen, "phone") : "");
  setText(byId("peek-ms"), change.seen ? span(change.last) : "");
}
