// The ladder of the last change: who told whom, when, and how long each hop took.

import { showEvent } from "./event.js";
import { byId, make, setText } from "./dom.js";
import { state } from "./state.js";
import { presenceWord, several, span } from "./words.js";

const NOTHING = "Nothing has happened yet.";
const INVITATION = "Press Status on a phone and pick one. All that it leads to grows here, hop by hop, with the time that "
  + "each took.";
const MOST_NAMED = 10;

let start = null;
let drawn = 0;
let lanes = [];
let list = null;
let flights = new Map();

const LOST = -1;
const HOPS = {
  press: "press", step: "act", screen: "screen", dpma: "DPMA", core: "core", hint: "hint", pbx: "server", lost: "lost",
  note: "note", ami: "manager",
};

export function drawLadder() {
  const change = state.change;
  setText(byId("what"), change?.start ? sentence(change.what) : state.acts.has("status") ? INVITATION : NOTHING);
  byId("what").classList.toggle("nothing", !change?.start);
  drawFigures(change);
  drawRoad(change);
  if (!change?.start) {
    byId("rungs").replaceChildren();
    start = null;
    return;
  }
  if (change.start !== start || change.lanes.length !== lanes.length || drawn > state.rows.length) begin(change);
  list.append(...state.rows.slice(drawn).map(rung));
  drawn = state.rows.length;
  for (const [seq, ms] of Object.entries(state.flights)) land(seq, ms);
}

/** A message has arrived: its arrow says how long it was on its way. */
function land(seq, ms) {
  const flight = flights.get(Number(seq));
  if (flight) showFlight(flight, ms);
}

function showFlight(flight, ms) {
  setText(flight, ms === LOST ? " lost" : ` ${span(ms)}`);
  if (ms === LOST) flight.closest(".rung")?.classList.add("gone");
  measure(flight.parentElement);
}

/** Tell the style how long a label is, in letters: it may not run over the edge. */
const measure = (label) => label.style.setProperty("--letters", label.textContent.length);

const sentence = (text) => text.replace(/ picks (\S+)/, (_, token) => ` picks ${presenceWord(token)}`);

function begin(change) {
  start = change.start;
  drawn = 0;
  lanes = change.lanes;
  flights = new Map();
  list = make("ol", { class: "rows", "aria-label": "Hops in order" });
  const head = make("div", { class: "lanes", "aria-hidden": "true" },
    make("span", { class: "at" }), make("div", { class: "lane-names" }, ...lanes.map((lane) => make("span", {}, lane))));
  const place = byId("rungs");
  place.style.setProperty("--lanes", Math.max(lanes.length, 1));
  place.replaceChildren(head, list);
}

function drawFigures(change) {
  const figures = [];
  if (change?.seen) {
    figures.push(["Seen on", several(change.seen, "phone")], ["First", span(change.first)], ["Last", span(change.last)]);
  }
  if (change?.notifies) figures.push(["NOTIFYs", String(change.notifies)]);
  if (change?.hidden) figures.push(["More hops", String(change.hidden)]);
  byId("figures").replaceChildren(...figures.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function drawRoad(change) {
  const hops = (change?.road ?? []).filter((hop) => hop.ms > 0);
  const total = hops.reduce((sum, hop) => sum + hop.ms, 0);
  byId("road").hidden = !hops.length;
  if (!hops.length) return;
  const bar = make("div", { class: "road-bar", "aria-hidden": "true" }, ...hops.map((hop) => {
    const part = make("span", { "data-hop": hop.hop, title: `${hop.word} ${span(hop.ms)}` });
    part.style.flexGrow = String(Math.max(hop.ms / total, 0.02));
    return part;
  }));
  const words = hops.length > MOST_NAMED ? "" : make("ol", { class: "road-words", "aria-label": `The road to the first screen, ${span(total)}` },
    ...hops.map((hop) => make("li", { "data-hop": hop.hop },
      make("span", { class: "road-hop" }, HOPS[hop.hop] ?? hop.word), make("span", { class: "road-ms" }, span(hop.ms)))));
  byId("road").replaceChildren(make("p", { class: "road-title" }, `The road to the first screen, ${span(total)}`), bar, words);
}

// one row

function rung(row) {
  const message = row.hop === "sip" || row.hop === "lost";
  const from = lanes.indexOf(row.from);
  const to = lanes.indexOf(row.to);
  const kind = row.hop === "step" ? (row.asks ? "ask" : "act") : message && from !== to ? "arrow" : "dot";
  const track = make("button", { type: "button", class: "track", title: row.text, "aria-label": spoken(row),
    onclick: () => showEvent(row) });
  const element = make("li", { class: `rung ${kind}`, "data-hop": row.hop, "data-seq": row.seq },
    make("span", { class: "at" }, make("span", { class: "at-ms" }, `${row.at.toFixed(row.at < 100 ? 2 : 0)}`)), track);
  if (kind === "arrow") arrow(element, track, row, from, to);
  else if (kind === "dot") dot(track, row, from);
  else track.append(make("span", { class: "act-text" }, row.text));
  if (kind === "ask" && /^(failed|error): /.test(row.text)) element.classList.add("broken");
  return element;
}

function arrow(element, track, row, from, to) {
  track.style.setProperty("--from", Math.min(from, to));
  track.style.setProperty("--span", Math.abs(to - from));
  element.classList.add(to > from ? "right" : "left");
  if (/^\d{3}/.test(row.text)) element.classList.add("answer");
  if (/^[3-6]\d\d/.test(row.text)) element.classList.add("refusal");
  const flight = make("span", { class: "took" });
  const label = make("span", { class: "label" }, short(row.text), flight);
  flights.set(row.seq, flight);
  measure(label);
  track.append(make("span", { class: "shaft" }), label);
  element.append(track);
  if (row.flight !== null) showFlight(flight, row.flight);
  if (row.hop === "lost") showFlight(flight, LOST);
}

function dot(track, row, lane) {
  track.style.setProperty("--from", Math.max(lane, 0));
  const flip = lane >= lanes.length / 2;
  track.append(make("span", { class: "knot" }),
    make("span", { class: `said${flip ? " flip" : ""}` },
      make("b", {}, HOPS[row.hop] ?? row.hop), ` ${row.text.replace(/^\w+: /, "")}`));
}

/** "MESSAGE sip:proxy@..." as MESSAGE, "200 OK" as it is. */
const short = (text) => (/^\d/.test(text) ? text : text.split(" ")[0]);

function spoken(row) {
  const who = row.from && row.to && row.from !== row.to ? `${row.from} to ${row.to}` : row.from;
  const hop = HOPS[row.hop] ? `${HOPS[row.hop]}, ` : "";
  return `${row.at.toFixed(2)} milliseconds: ${who ? `${who}, ` : ""}${hop}${row.text}`;
}
