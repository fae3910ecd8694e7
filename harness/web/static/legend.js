// The signs with their names.

import { byId, make, sign } from "./dom.js";
import { LAMP, PRESENCE } from "./words.js";

const COLOURS = { idle: "green", ringing: "red", on_the_phone: "red", on_hold: "red" };

export function drawLegend() {
  for (const [token, word] of Object.entries(LAMP)) {
    byId("legend-lamps").append(make("div", {},
      make("dt", { class: "lamp", "data-colour": COLOURS[token] ?? "dark" }, sign(`lamp-${token || "off"}`)), make("dd", {}, word)));
  }
  for (const [token, word] of Object.entries({ ...PRESENCE, none: "nothing shown" })) {
    byId("legend-presences").append(make("div", {},
      make("dt", { "data-presence": token }, sign(`presence-${token}`)), make("dd", {}, word)));
  }
}
