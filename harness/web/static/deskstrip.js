// Below a phone: its plug, and how many of its datagrams are lost.

import { make, setText, sign } from "./dom.js";
import { state } from "./state.js";

const LOSSES = [0, 10, 30, 50, 100];

export class DeskStrip {
  constructor(card) {
    this.card = card;
    this.plugWord = make("span");
    this.plug = make("button", { type: "button", class: "plain plug",
      onclick: () => card.act(card.phone.on ? "unplug" : "plug") }, sign("plug"), this.plugWord);
    this.loss = make("select", { "aria-label": `Datagrams of ${card.name} that are lost`,
      onchange: () => card.act("loss", { percent: Number(this.loss.value) }) },
      ...LOSSES.map((part) => make("option", { value: part }, part ? `loses ${part} %` : "no loss")));
    this.element = make("div", { class: "desk-strip" }, this.plug, this.loss);
  }

  draw() {
    const { on, loss } = this.card.phone;
    setText(this.plugWord, on ? "Pull plug" : "Plug in");
    this.plug.setAttribute("aria-label", `${on ? "Pull the plug of" : "Plug in"} ${this.card.name}`);
    this.loss.value = String(Math.round(loss * 100));
    this.loss.dataset.losing = String(loss > 0);
    this.plug.hidden = !state.acts.has("unplug");
    this.loss.hidden = !state.acts.has("loss");
    this.element.hidden = this.plug.hidden && this.loss.hidden;
  }
}
