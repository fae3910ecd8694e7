// All phones: a card for each, drawn again where something of it changed.

import { byId, setText } from "./dom.js";
import { paint } from "./paint.js";
import { PhoneCard } from "./phone.js";
import { state } from "./state.js";

const MANY = 12;

export class Phones {
  constructor(place) {
    this.place = place;
    this.cards = new Map();
    byId("find").addEventListener("input", () => this.filter());
  }

  drawAll() {
    for (const [name, card] of this.cards) {
      if (!state.phones.has(name)) {
        card.element.remove();
        this.cards.delete(name);
      }
    }
    for (const name of state.phones.keys()) {
      if (!this.cards.has(name)) {
        const card = new PhoneCard(name);
        this.cards.set(name, card);
        this.place.append(card.element);
      }
      this.cards.get(name).drawAll();
    }
    const many = state.phones.size > MANY;
    document.body.classList.toggle("many", many);
    byId("find").parentElement.hidden = !many;
    byId("no-phones").hidden = state.phones.size > 0;
    setText(byId("phones-heading"), many ? `${state.phones.size} phones` : "Phones");
    this.filter();
  }

  changed(name, different) {
    const card = this.cards.get(name);
    if (!card) return;
    card.note(different);
    paint(card, () => card.draw());
  }

  filter() {
    const text = byId("find").value.trim().toLowerCase();
    for (const [name, card] of this.cards) {
      const phone = state.phones.get(name);
      card.element.hidden = Boolean(text) && !`${name} ${phone.title} ${phone.line_order.join(" ")}`.toLowerCase().includes(text);
    }
  }
}
