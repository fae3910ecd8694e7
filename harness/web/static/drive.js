// What drives the desk where a person does not: a scenario that runs, or a trace that is replayed.

import { act } from "./act.js";
import { byId, make, setText } from "./dom.js";
import { state } from "./state.js";
import { several } from "./words.js";

let parts = null;
let wanted = null;
let asking = false;
let shown = 0;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function drive() {
  const place = byId("drive");
  place.hidden = !(state.standing.replay || state.standing.run);
  if (place.hidden) return;
  parts ??= build(place);
  if (state.standing.replay) drawReplay(state.standing.replay);
  else drawRun(state.standing.run);
  drawSteps(state.standing.steps ?? []);
}

function build(place) {
  const button = (name, text, said = () => ({})) =>
    make("button", { type: "button", class: "plain", onclick: () => act(name, said()) }, text);
  const built = {
    title: make("p", { class: "drive-title" }),
    about: make("p", { class: "drive-about" }),
    play: button("play", "Play", () => ({ on: !state.standing.replay.playing })),
    over: make("button", { type: "button", class: "plain", onclick: startOver }, "Start over"),
    slider: make("input", { type: "range", min: "0", "aria-label": "Place in the trace", oninput: slide }),
    pause: button("pause", "Pause"), step: button("step", "Next step"), go: button("go", "Go on"),
    slow: make("input", { type: "checkbox", onchange: () => act("slow", { on: parts.slow.checked }) }),
    steps: make("ol", { class: "steps", "aria-label": "Steps" }),
    failures: make("ul", { class: "failures", role: "status", "aria-label": "What has failed" }),
  };
  const replay = Boolean(state.standing.replay);
  built.slowLabel = make("label", { class: "slow" }, built.slow, "Slow motion");
  built.controls = make("div", { class: "drive-controls" },
    ...(replay ? [built.play, built.over, built.slider, built.slowLabel] : [built.pause, built.step, built.go, built.slowLabel]));
  place.replaceChildren(make("div", { class: "drive-head" }, built.title, built.about), built.controls, built.steps, built.failures);
  return built;
}

async function startOver() {
  await act("seek", { seq: state.standing.replay.start });
  await act("play", { on: true });
}

/** One question at a time: of those that come meanwhile the last one counts. */
async function slide() {
  wanted = Number(parts.slider.value);
  if (asking) return;
  asking = true;
  while (wanted !== null) {
    const seq = wanted;
    wanted = null;
    await act("seek", { seq });
  }
  asking = false;
}

function drawReplay({ place, count, time, end, playing, slow }) {
  setText(parts.title, "Replay");
  setText(parts.about, `${time.toFixed(3)} of ${end.toFixed(3)} s, event ${place} of ${count}`);
  setText(parts.play, playing ? "Stop" : "Play");
  parts.slow.checked = slow;
  drawFailures((state.standing.steps ?? []).filter((step) => BAD.includes(step.verdict) && place >= step.ends)
    .map(({ text, why }) => ({ step: text, why })));
  parts.slider.max = String(count);
  if (!asking) parts.slider.value = String(place);
  parts.slider.setAttribute("aria-valuetext", `${time.toFixed(3)} seconds`);
}

function drawRun({ name, number, of, state: stands, why, verdicts, virtual, slow, failures }) {
  setText(parts.title, name || "Scenarios");
  const told = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const clock = virtual ? "virtual time" : "real time";
  setText(parts.about, [why, `${number} of ${several(of, "scenario")} in ${clock}`, told, stands].filter(Boolean).join(" · "));
  parts.pause.disabled = !["running", "all steps are told"].includes(stands);
  parts.step.disabled = stands !== "paused";
  parts.go.disabled = stands !== "paused";
  parts.slowLabel.hidden = !virtual;
  parts.slow.checked = slow;
  drawFailures(failures);
}

/** What has failed: the step, why, and where its road has ended. */
function drawFailures(failures) {
  const told = JSON.stringify(failures);
  if (told === parts.failures.dataset.told) return;
  parts.failures.dataset.told = told;
  parts.failures.replaceChildren(...failures.map(({ scenario, step, why, road }) => make("li", {},
    make("span", { class: "failure-why" }, scenario ? `${scenario}: ${why}` : why), step ? make("code", {}, step) : "",
    road ? make("span", {}, `The road ended at ${road}.`) : "")));
}

const BAD = ["failed", "error"];
const SIGNS = { passed: "✓", failed: "✕", error: "✕", running: "▸" };

function drawSteps(steps) {
  const at = state.standing.replay?.place ?? 0;
  parts.steps.hidden = !steps.length;
  const isHere = (step) => (state.standing.replay ? at >= step.begins && at <= step.ends : step.verdict === "running");
  const rows = steps.map((step) => {
    const words = [make("span", { class: "step-sign", "aria-hidden": "true" }, SIGNS[step.verdict] ?? "·"),
      make("span", { class: "step-text" }, step.text), make("span", { class: "unseen" }, ` ${step.verdict || "not told yet"}`)];
    const inner = state.standing.replay
      ? make("button", { type: "button", class: "step-key", title: step.text, onclick: () => act("seek", { seq: step.ends }) }, ...words)
      : make("span", { class: "step-key", title: step.text }, ...words);
    return make("li", { "data-verdict": step.verdict || "none", "aria-current": isHere(step) ? "step" : null }, inner);
  });
  const focused = [...parts.steps.children].findIndex((row) => row.contains(document.activeElement));
  parts.steps.replaceChildren(...rows);
  if (focused >= 0) rows[focused]?.firstElementChild.focus({ preventScroll: true });
  follow(rows[foremost(steps, isHere)]);
}

/** The step that is told; else the last one that was. */
function foremost(steps, isHere) {
  const here = steps.findIndex(isHere);
  const told = (step) => (state.standing.replay ? state.standing.replay.place >= step.begins : step.verdict);
  return here >= 0 ? here : steps.findLastIndex(told);
}

/** Bring a step into the middle of the row of steps, once. */
function follow(row) {
  const place = row ? row.offsetLeft - parts.steps.offsetLeft + (row.offsetWidth - parts.steps.clientWidth) / 2 : 0;
  if (place === shown) return;
  shown = place;
  parts.steps.scrollTo({ left: place, behavior: calm.matches ? "auto" : "smooth" });
}
