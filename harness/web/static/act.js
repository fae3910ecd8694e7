// Asks the desk to do something, and says so where it cannot.

import { byId, setText } from "./dom.js";

const SHOWN_MS = 6000;
const session = document.querySelector('meta[name="session"]').content;
let hide = 0;

/** Do an act; gives whether it was done. What goes wrong is shown. */
export async function act(name, said = {}) {
  try {
    const answer = await fetch("act", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Session": session },
      body: JSON.stringify({ act: name, ...said }),
    });
    if (answer.ok) return true;
    const told = await answer.json().catch(() => ({}));
    complain(told.error ?? `That was refused (${answer.status}).`);
  } catch {
    complain("The harness does not answer.");
  }
  return false;
}

/** Show a sentence for a while. */
export function complain(text) {
  const toast = byId("toast");
  toast.hidden = false;
  setText(toast, text);
  clearTimeout(hide);
  hide = setTimeout(() => { toast.hidden = true; }, SHOWN_MS);
}
