// The calls of a phone, on its screen, each with what can be done about it.

import { make } from "./dom.js";
import { DialView } from "./views.js";
import { state } from "./state.js";
import { CALL } from "./words.js";

const KEYS = {
  ringing: { in: ["answer", "reject"], out: ["hangup"] },
  dialing: { in: ["hangup"], out: ["hangup"] },
  connected: { in: ["hold", "transfer", "hangup"], out: ["hold", "transfer", "hangup"] },
  held: { in: ["resume", "hangup"], out: ["resume", "hangup"] },
  "on hold": { in: ["hangup"], out: ["hangup"] },
};
const WORDS = {
  answer: "Answer", reject: "Reject", hangup: "Hang up", hold: "Hold", resume: "Resume", transfer: "Transfer",
};

export class CallStrip {
  constructor(card) {
    this.card = card;
    this.element = make("ul", { class: "calls", hidden: true });
  }

  draw() {
    const calls = Object.values(this.card.phone.calls).filter((call) => call.state !== "ended");
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    this.element.replaceChildren(...calls.map((call) => this.row(call)));
    this.element.hidden = !calls.length;
    if (focused) (this.element.querySelector(`[data-key="${focused}"]`) ?? this.element.querySelector("button"))?.focus();
  }

  row(call) {
    const who = [call.name, call.number].filter(Boolean).join(" ") || "unknown";
    const word = call.state === "ringing" && call.direction === "in" ? "Call from" : CALL[call.state] ?? call.state;
    const keys = (KEYS[call.state]?.[call.direction] ?? ["hangup"]).filter((key) => state.acts.has(key));
    return make("li", { class: "call", "data-state": call.state },
      make("span", { class: "call-state" }, word), make("span", { class: "call-who" }, who),
      make("span", { class: "call-keys" }, ...keys.map((key) => this.key(key, who))));
  }

  key(name, who) {
    return make("button", { type: "button", class: "call-key", "data-key": name, "aria-label": `${WORDS[name]}: ${who}`,
      onclick: () => (name === "transfer" ? this.card.open(new DialView(this.card, "transfer", "Transfer"))
        : this.card.act(name)) }, WORDS[name]);
  }
}
