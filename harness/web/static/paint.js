// Changes are painted once a frame, however many come.

const waiting = new Map();
let asked = false;

/** Call `draw` in the next frame; one that waits under the same key already is replaced. */
export function paint(key, draw) {
  waiting.set(key, draw);
  if (!asked) {
    asked = true;
    requestAnimationFrame(frame);
  }
}

function frame() {
  asked = false;
  const drawn = [...waiting.values()];
  waiting.clear();
  for (const draw of drawn) draw();
}
