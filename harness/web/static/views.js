// What takes the screen for a while: the Status app, and a list of whom to call.

import { make, sign } from "./dom.js";
import { presenceSign, presenceWord, statusText } from "./words.js";

/** A list of buttons; arrow keys walk through it. */
class View {
  constructor(card, heading) {
    this.card = card;
    this.opener = document.activeElement;
    this.list = make("div", { class: "choices", role: "group", "aria-label": heading });
    this.element = make("div", { class: "view over" }, make("p", { class: "view-title" }, heading), this.list);
    this.element.addEventListener("keydown", (event) => this.walk(event));
  }

  focus() {
    (this.list.querySelector("[aria-pressed=true]") ?? this.list.querySelector("button"))?.focus();
  }

  walk(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (!(event.key in steps)) return;
    const buttons = [...this.element.querySelectorAll("button, input")];
    const at = buttons.indexOf(document.activeElement);
    buttons[(at + steps[event.key] + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
  }
}

/** The statuses that the phone's `application=status` sections offer. */
export class StatusView extends View {
  constructor(card) {
    super(card, `Status of ${card.phone.title}`);
    const own = card.phone.own;
    for (const { status, substatuses } of card.phone.statuses) {
      this.choice(own, status, "", presenceWord(status));
      for (const substatus of substatuses) this.choice(own, status, substatus, substatus);
    }
  }

  choice(own, status, substatus, text) {
    const chosen = own.status === status && own.substatus === substatus;
    this.list.append(make("button", {
      type: "button", class: substatus ? "choice sub" : "choice", "data-status": status, "data-substatus": substatus,
      "aria-pressed": String(chosen), "aria-label": statusText(status, substatus),
      onclick: () => { this.card.act("status", { status, substatus }); this.card.close(); },
    }, substatus ? "" : sign(presenceSign(status), "sign presence"), make("span", {}, text)));
    this.list.lastChild.querySelector("svg")?.setAttribute("data-presence", status);
  }
}

/** Whom to call, or to transfer to: the contacts, or a number. */
export class DialView extends View {
  constructor(card, act, heading) {
    super(card, heading);
    this.act = act;
    const field = make("input", {
      type: "text", inputmode: "tel", "aria-label": "Number", placeholder: "Number", maxlength: "64", autocomplete: "off",
    });
    const form = make("form", { class: "dial" }, field, make("button", { type: "submit", class: "choice go" }, heading));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.dial(field.value.trim()); });
    this.list.append(form);
    if (act === "transfer") {
      this.asks = make("input", { type: "checkbox" });
      this.list.append(make("label", { class: "asks" }, this.asks, "Talk to them first"));
    }
    for (const id of card.phone.order) {
      const { name, number } = card.phone.contacts[id];
      if (!number) continue;
      this.list.append(make("button", { type: "button", class: "choice", "data-number": number,
        onclick: () => this.dial(number) }, make("span", {}, name), make("span", { class: "choice-number" }, number)));
    }
  }

  dial(number) {
    if (!number) return;
    this.card.act(this.act, this.asks ? { number, attended: this.asks.checked } : { number });
    this.card.close();
  }
}
