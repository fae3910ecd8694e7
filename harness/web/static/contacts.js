// The keys beside the screen: a lamp for the device, a sign and words for presence.

import { make, setSign, setText, sign } from "./dom.js";
import { state } from "./state.js";
import { LAMP, lampSign, presenceSign, statusText } from "./words.js";

const FRESH = { color: "color-mix(in srgb, currentColor 22%, transparent)", ms: 1200, most: 24 };
let fading = 0;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class ContactList {
  constructor(card) {
    this.card = card;
    this.rows = new Map();
    this.list = make("ul", { class: "contacts", onkeydown: (event) => this.walk(event) });
    this.none = make("p", { class: "no-contacts", hidden: true }, "No contacts");
    this.element = make("div", {}, this.list, this.none);
  }

  draw(different) {
    const { phone } = this.card;
    if ("order" in different) this.arrange(phone.order);
    for (const [id, contact] of Object.entries(different.contacts ?? {})) {
      if (contact) this.rows.get(id)?.draw(contact);
    }
    if ("dark" in different) {
      for (const [id, row] of this.rows) row.dark(phone.dark[id] ?? "");
    }
    this.none.hidden = this.rows.size > 0;
  }

  /** The keys are one stop of the tabulator; arrows walk through them. */
  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const keys = [...this.list.querySelectorAll("button.lamp")].filter((key) => key.checkVisibility());
    const next = keys[(keys.indexOf(document.activeElement) + step + keys.length) % keys.length];
    for (const key of keys) key.tabIndex = key === next ? 0 : -1;
    next?.focus();
    event.preventDefault();
  }

  arrange(order) {
    for (const id of [...this.rows.keys()]) {
      if (!order.includes(id)) this.rows.delete(id);
    }
    for (const id of order) {
      if (!this.rows.has(id)) this.rows.set(id, new ContactRow(id, this.card));
    }
    this.list.replaceChildren(...order.map((id) => this.rows.get(id).element));
    for (const id of order) this.rows.get(id).draw(this.card.phone.contacts[id]);
    const keys = this.list.querySelectorAll("button.lamp[data-key=true]");
    for (const [number, key] of keys.entries()) key.tabIndex = number ? -1 : 0;
  }
}

/** A key's lamp: the colour is the key's, the shape says what the device is; without a key there is none. */
export function drawLamp(element, led, word) {
  element.dataset.key = String(Boolean(led));
  const [colour, blink] = led ?? ["", "off"];
  element.dataset.colour = colour || "dark";
  element.dataset.blink = blink;
  const lit = colour ? `, ${colour}${blink === "on" ? "" : `, flashing ${blink === "fast" ? "fast" : "slowly"}`}` : "";
  element.title = led ? `Lamp: ${word}${lit}` : "";
}

class ContactRow {
  constructor(id, card) {
    this.lampSign = sign("lamp-off");
    this.lampWord = make("span", { class: "unseen" });
    this.lamp = state.acts.has("key")
      ? make("button", { type: "button", class: "lamp", tabindex: "-1", onclick: () => card.act("key", { key: id }) },
        this.lampSign, this.lampWord)
      : make("span", { class: "lamp" }, this.lampSign, this.lampWord);
    this.presence = sign("presence-none", "sign presence");
    this.name = make("span", { class: "contact-name" });
    this.text = make("span", { class: "contact-text" });
    this.message = make("span", { class: "contact-message" });
    this.why = make("span", { class: "contact-why" });
    this.element = make("li", { "data-contact": id }, this.lamp, this.presence,
      make("span", { class: "contact-words" }, this.name, this.text, this.message, this.why));
    this.shown = null;
  }

  draw(contact) {
    const { presence, subtype, message, lamp } = contact;
    const shown = [presence, subtype, message, lamp, contact.led].join("\u0000");
    if (this.shown !== null && this.shown !== shown) this.freshen();
    this.shown = shown;
    drawLamp(this.lamp, contact.led, LAMP[lamp] ?? lamp);
    setSign(this.lampSign, lampSign(lamp));
    if (state.acts.has("key")) this.lamp.setAttribute("aria-label", `Key ${contact.name}: lamp ${LAMP[lamp] ?? lamp}`);
    setText(this.lampWord, contact.led ? `Lamp ${LAMP[lamp] ?? lamp}. ` : "No key. ");
    this.presence.dataset.presence = presence || "none";
    setSign(this.presence, presenceSign(presence));
    setText(this.name, contact.name);
    setText(this.text, presence ? statusText(presence, subtype) : "");
    setText(this.message, message);
    this.message.hidden = !message;
  }

  /** Why nothing can be seen. */
  dark(why) {
    setText(this.why, why);
    this.why.hidden = !why;
  }

  /** Shows for a moment that it is news; without asking the browser to lay the page out. */
  freshen() {
    if (calm.matches || fading >= FRESH.most) return;
    fading += 1;
    this.element.animate([{ backgroundColor: FRESH.color }, { backgroundColor: "transparent" }], FRESH.ms)
      .finished.finally(() => { fading -= 1; }).catch(() => {});
  }
}
