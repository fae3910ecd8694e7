// One phone: its body, its screen, and what a person can do with it.

import { act } from "./act.js";
import { CallStrip } from "./calls.js";
import { ContactList, drawLamp } from "./contacts.js";
import { DeskStrip } from "./deskstrip.js";
import { make, setSign, setText, sign } from "./dom.js";
import { DialView, StatusView } from "./views.js";
import { state } from "./state.js";
import { FAMILY, presenceSign, several, statusText } from "./words.js";

/** A line's dot, with words for who does not see it. */
function drawState(element, state) {
  element.dataset.line = state;
  element.title = state;
  setText(element.lastElementChild, state);
}

function drawLineLamp(lamp, led) {
  drawLamp(lamp, led, "line");
  setSign(lamp.firstChild, led?.[0] ? "lamp-idle" : "lamp-off");
}

/** A further line: its key's lamp, its label, its number. */
function lineRow(name, { state: stands, label, led }) {
  const lamp = make("span", { class: "lamp" }, sign("lamp-off"));
  const dot = make("span", { class: "line" }, sign("dot"), make("span", { class: "unseen" }));
  drawLineLamp(lamp, led);
  drawState(dot, stands);
  return make("li", { "data-line-of": name }, lamp, make("span", { class: "line-label" }, label === name ? "" : label),
    make("span", { class: "number" }, name), dot);
}

export class PhoneCard {
  constructor(name) {
    this.name = name;
    this.different = {};
    this.view = null;
    this.build();
  }

  /** The first of the keys below the screen. */
  get firstKey() { return this.keys.firstElementChild; }

  get phone() { return state.phones.get(this.name); }

  build() {
    const id = `phone-${this.name}`;
    this.model = make("span", { class: "model" });
    this.number = make("span", { class: "number" });
    this.messages = make("span", { class: "messages", hidden: true });
    this.line = make("span", { class: "line" }, sign("dot"), make("span", { class: "unseen" }));
    this.title = make("h3", { id });
    this.lineLamp = make("span", { class: "lamp" }, sign("lamp-off"));
    this.lines = make("ul", { class: "lines", "aria-label": "Further lines", hidden: true });
    this.ownSign = sign("presence-none", "sign presence");
    this.ownText = make("span", { class: "own-text" });
    this.ownMessage = make("span", { class: "own-message" });
    this.contacts = new ContactList(this);
    this.calls = new CallStrip(this);
    this.main = make("div", { class: "view main" }, this.calls.element, this.contacts.element);
    this.stage = make("div", { class: "stage" }, this.main);
    this.screen = make("div", { class: "screen" },
      make("div", { class: "screen-title" }, this.lineLamp, this.title,
        make("p", { class: "own" }, this.ownSign, make("span", { class: "own-words" }, this.ownText, this.ownMessage))),
      this.lines, this.stage);
    this.statusKey = this.key("Status", () => this.open(new StatusView(this)));
    this.callKey = this.key("Call", () => this.open(new DialView(this, "call", "Call")));
    this.backKey = this.key("Back", () => this.close());
    this.keys = make("div", { class: "soft-keys" });
    this.desk = new DeskStrip(this);
    this.element = make("section", { class: "phone", "aria-labelledby": id, "data-phone": this.name },
      make("div", { class: "body" },
        make("div", { class: "bezel" }, this.model, this.messages, this.number, this.line),
        this.screen, this.keys),
      this.desk.element);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.view) {
        event.preventDefault();
        this.close();
      }
    });
  }

  key(text, press) {
    return make("button", { type: "button", class: "soft-key", onclick: press }, text);
  }

  // views on the screen

  open(view) {
    if (this.view) this.view.element.remove();
    this.view = view;
    this.main.inert = true;
    this.stage.append(view.element);
    this.drawKeys();
    view.focus();
  }

  close() {
    const opener = this.view?.opener;
    this.view?.element.remove();
    this.view = null;
    this.main.inert = false;
    this.drawKeys();
    opener?.focus();
  }

  // drawing

  /** Remember what has to be drawn. */
  note(different) {
    for (const [key, value] of Object.entries(different)) {
      const known = this.different[key];
      const nested = key === "contacts" && known && value;
      this.different[key] = nested ? { ...known, ...value } : value;
    }
  }

  drawAll() {
    this.different = { ...this.phone };
    this.draw();
  }

  draw() {
    const { phone, different } = this;
    this.different = {};
    if (!phone) return;
    if ("model" in different || "family" in different || "keys" in different) this.drawModel();
    if ("title" in different) setText(this.title, phone.title);
    if ("own" in different) this.drawOwn();
    if ("lines" in different || "line_order" in different || "on" in different) this.drawPower();
    if ("messages" in different) this.drawMessages();
    if ("calls" in different) this.calls.draw();
    this.contacts.draw(different);
    if ("on" in different || "loss" in different) this.desk.draw();
    this.drawKeys();
  }

  drawModel() {
    const { brand, model, family, agent } = this.phone;
    this.element.dataset.family = family || "other";
    setText(this.model, [brand, model].filter(Boolean).join(" ") || agent);
    this.model.title = FAMILY[family] ?? agent;
  }

  drawOwn() {
    const { status, substatus, message } = this.phone.own;
    this.ownSign.dataset.presence = status || "none";
    setSign(this.ownSign, presenceSign(status));
    setText(this.ownText, status ? statusText(status, substatus) : "No status");
    setText(this.ownMessage, message);
  }

  drawMessages() {
    const { messages } = this.phone;
    this.messages.hidden = !messages;
    setText(this.messages, messages ? several(messages, "message") : "");
  }

  drawPower() {
    const { lines, line_order: order, on } = this.phone;
    const first = lines[order[0]];
    this.element.dataset.on = String(on);
    setText(this.number, order[0] ?? "");
    drawState(this.line, on ? first?.state ?? "unregistered" : "no power");
    drawLineLamp(this.lineLamp, first?.led ?? null);
    this.lines.replaceChildren(...order.slice(1).map((name) => lineRow(name, lines[name])));
    this.lines.hidden = order.length < 2;
    if (!on && this.view) this.close();
  }

  drawKeys() {
    const { phone } = this;
    const keys = [];
    if (this.view) keys.push(this.backKey);
    else {
      if (state.acts.has("status") && (phone.statuses.length || !phone.on)) keys.push(this.statusKey);
      if (state.acts.has("call")) keys.push(this.callKey);
    }
    for (const key of keys) key.disabled = !phone.on;
    if (keys.length !== this.keys.children.length || keys.some((key, i) => key !== this.keys.children[i])) {
      this.keys.replaceChildren(...keys);
    }
    this.keys.hidden = !keys.length;
  }

  act(name, said = {}) {
    return act(name, { phone: this.name, ...said });
  }
}
