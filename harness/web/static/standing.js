// The server: whether it is up, where, and a way to restart it.

import { act } from "./act.js";
import { byId, make, setText, sign } from "./dom.js";
import { state } from "./state.js";

let parts = null;

export function standing() {
  const server = state.standing.server;
  if (!server) {
    byId("standing").replaceChildren();
    parts = null;
    return;
  }
  parts ??= build();
  parts.pill.dataset.up = String(server.up);
  setText(parts.word, server.up ? "Server up" : "Server restarting");
  setText(parts.address, server.address);
  if (parts.restart) parts.restart.disabled = !server.up;
}

function build() {
  const word = make("span");
  const address = make("span", { class: "address" });
  const pill = make("p", { class: "server" }, sign("dot"), word, address);
  const restart = state.acts.has("restart")
    ? make("button", { type: "button", class: "plain", onclick: () => act("restart") }, "Restart server") : null;
  byId("standing").replaceChildren(pill, ...(restart ? [restart] : []));
  return { pill, word, address, restart };
}
