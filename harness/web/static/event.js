// One event of the trace in full, in a dialog.

import { byId, setText } from "./dom.js";

byId("event-close").addEventListener("click", () => byId("event").close());
byId("event").addEventListener("click", (event) => { if (event.target === byId("event")) byId("event").close(); });

export async function showEvent(row) {
  setText(byId("event-title"), row.text);
  setText(byId("event-about"), "");
  setText(byId("event-text"), "Loading");
  byId("event").showModal();
  const answer = await fetch(`event?seq=${row.seq}`).catch(() => null);
  const told = await answer?.json().catch(() => null);
  if (!answer?.ok || !told) {
    setText(byId("event-text"), told?.error ?? "It cannot be had.");
    return;
  }
  const way = told.destination && told.destination !== told.source ? `${told.source} → ${told.destination}` : told.source;
  const via = told.transport ? `, ${told.transport}` : "";
  setText(byId("event-about"), `${way}${via}. ${row.at} ms after the change began, event ${told.seq}, caused by ${told.cause || "a person"}.`);
  setText(byId("event-text"), told.text);
}
