// Presence that does not come from a phone: as a dialplan, a web panel or a manager client writes it.

import { act } from "./act.js";
import { byId, make } from "./dom.js";
import { state } from "./state.js";
import { PRESENCE } from "./words.js";

let known = "";

export function elsewhere() {
  const lines = state.acts.has("presence") ? state.standing.lines ?? {} : {};
  const key = JSON.stringify(lines);
  if (key === known) return;
  known = key;
  byId("elsewhere").replaceChildren(...(Object.keys(lines).length ? [form(lines)] : []));
}

function form(lines) {
  const whose = make("select", { name: "provider" },
    ...Object.entries(lines).map(([phone, line]) => make("option", { value: `CustomPresence:${line}` }, `${line} (${phone})`)));
  const what = make("select", { name: "state" },
    ...Object.entries(PRESENCE).map(([token, word]) => make("option", { value: token }, word)));
  const subtype = make("input", { name: "subtype", maxlength: "200", autocomplete: "off" });
  const message = make("input", { name: "message", maxlength: "200", autocomplete: "off" });
  const element = make("form", { class: "elsewhere-form" },
    make("label", {}, "Line", whose), make("label", {}, "State", what), make("label", {}, "Subtype", subtype),
    make("label", { class: "wide" }, "Message", message), make("button", { type: "submit", class: "strong" }, "Write"));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    act("presence", { provider: whose.value, state: what.value, subtype: subtype.value, message: message.value });
  });
  return make("details", { class: "elsewhere" },
    make("summary", {}, "Write a presence on the server, as a dialplan or a web panel does"), element);
}
