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
  answer: "Answer", reject: "Reject", hangup: "Hang up", hold: "Hold", resume: "Resume", transfer: "Transfer", join: "Join",
};
const KEPT_MS = 5000;

export class CallStrip {
  constructor(card) {
    this.card = card;
    this.element = make("ul", { class: "calls", hidden: true });
    this.live = new Set();
    this.ended = new Map();
  }

  draw() {
    const calls = Object.values(this.card.phone.calls);
    const live = calls.filter((call) => call.state !== "ended");
    for (const call of calls) {
      if (call.state === "ended" && this.live.has(call.id)) this.keep(call);
    }
    this.live = new Set(live.map((call) => call.id));
    const rows = [...live.map((call) => this.row(call, live)), ...[...this.ended.values()].map((call) => this.over(call))];
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    this.element.replaceChildren(...rows);
    this.element.hidden = !rows.length;
    if (focused) {
      const next = this.element.querySelector(`[data-key="${focused}"]`) ?? this.element.querySelector("button");
      (next ?? this.card.firstKey)?.focus();
    }
  }

  /** Why a call is over is shown for a while. */
  keep(call) {
    this.ended.set(call.id, call);
    setTimeout(() => { this.ended.delete(call.id); this.draw(); }, KEPT_MS);
  }

  row(call, live) {
    const who = this.who(call);
    const word = call.state === "ringing" && call.direction === "in" ? "Call from" : CALL[call.state] ?? call.state;
    const keys = [...(KEYS[call.state]?.[call.direction] ?? ["hangup"])];
    if (call.state === "connected" && live.length > 1) keys.splice(1, 1, "join");
    return make("li", { class: "call", "data-state": call.state },
      make("span", { class: "call-words" }, make("span", { class: "call-state" }, word), ` ${who}`),
      make("span", { class: "call-keys" }, ...(state.acts.has("answer") ? keys.map((key) => this.key(key, call, who)) : [])));
  }

  over(call) {
    return make("li", { class: "call over" }, make("span", { class: "call-words" },
      make("span", { class: "call-state" }, "Ended"), ` ${this.who(call)} ${call.why ? `(${call.why})` : ""}`));
  }

  who(call) {
    return [call.name, call.number].filter(Boolean).join(" ") || "unknown";
  }

  key(name, call, who) {
    return make("button", { type: "button", class: "call-key", "data-key": name, "aria-label": `${WORDS[name]}: ${who}`,
      onclick: () => this.press(name, call) }, WORDS[name]);
  }

  press(name, call) {
    if (name === "transfer") this.card.open(new DialView(this.card, "transfer", "Transfer"));
    else if (name === "join") this.card.act("transfer", { number: "", attended: true });
    else this.card.act(name, { call: call.id });
  }
}
