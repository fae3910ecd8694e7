// Puts the page together.

import { announce } from "./announce.js";
import { complain } from "./act.js";
import { byId, setText } from "./dom.js";
import { drive } from "./drive.js";
import { elsewhere } from "./elsewhere.js";
import { drawLadder } from "./ladder.js";
import { drawLegend } from "./legend.js";
import { paint } from "./paint.js";
import { drawPeek } from "./peek.js";
import { Phones } from "./phones.js";
import { standing } from "./standing.js";
import { state, takeChange, takePicture } from "./state.js";
import { follow } from "./stream.js";

const phones = new Phones(byId("phones"));
let troubles = 0;

drawLegend();
follow({
  link(live) {
    const link = byId("link");
    link.dataset.live = String(live);
    setText(link.lastElementChild, live ? "Live" : "Connection lost, trying again");
    document.body.classList.toggle("cut-off", !live);
  },
  picture(told) {
    takePicture(told);
    troubles = told.standing.trouble?.number ?? 0;
    paint("everything", () => {
      setText(byId("link").lastElementChild, state.mode === "replay" ? "Connected" : "Live");
      setText(byId("title"), state.title);
      document.title = `${state.title} · dpma-harness`;
      phones.drawAll();
      drawBeside();
      drawChange();
    });
  },
  change(told) {
    const changed = takeChange(told);
    for (const [name, different] of Object.entries(changed)) phones.changed(name, different);
    if (told.change) paint("ladder", drawChange);
    if (told.standing) paint("standing", drawBeside);
    if (told.change) announce(state.change);
  },
});

function drawChange() {
  drawLadder();
  drawPeek();
}

function drawBeside() {
  standing();
  drive();
  elsewhere();
  const trouble = state.standing.trouble;
  if (trouble && trouble.number > troubles) {
    troubles = trouble.number;
    complain(trouble.text);
  }
}
