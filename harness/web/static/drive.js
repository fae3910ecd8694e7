// What drives the desk where a person does not: a scenario that runs, or a trace that is replayed.

import { act } from "./act.js";
import { byId, make, setText } from "./dom.js";
import { state } from "./state.js";
import { several } from "./words.js";

let parts = null;
let wanted = null;
let asking = false;

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
    slider: make("input", { type: "range", min: "0", "aria-label": "Place in the trace", oninput: slide }),
    pause: button("pause", "Pause"), step: button("step", "Next step"), go: button("go", "Go on"),
    slow: make("input", { type: "checkbox", onchange: () => act("slow", { on: parts.slow.checked }) }),
    steps: make("ol", { class: "steps", "aria-label": "Steps" }),
  };
  const replay = Boolean(state.standing.replay);
  built.slowLabel = make("label", { class: "slow" }, built.slow, "Slow motion");
  built.controls = make("div", { class: "drive-controls" },
    ...(replay ? [built.play, built.slider] : [built.pause, built.step, built.go, built.slowLabel]));
  place.replaceChildren(make("div", { class: "drive-head" }, built.title, built.about), built.controls, built.steps);
  return built;
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

function drawReplay({ place, count, time, end, playing }) {
  setText(parts.title, "Replay");
  setText(parts.about, `${time.toFixed(3)} of ${end.toFixed(3)} s, event ${place} of ${count}`);
  setText(parts.play, playing ? "Stop" : "Play");
  parts.slider.max = String(count);
  if (!asking) parts.slider.value = String(place);
  parts.slider.setAttribute("aria-valuetext", `${time.toFixed(3)} seconds`);
}

function drawRun({ name, number, of, state: stands, why, verdicts, virtual, slow }) {
  setText(parts.title, name || "Scenarios");
  const told = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const clock = virtual ? "virtual time" : "real time";
  setText(parts.about, [why, `${number} of ${several(of, "scenario")} in ${clock}`, told, stands].filter(Boolean).join(" · "));
  parts.pause.disabled = stands !== "running";
  parts.step.disabled = stands !== "paused";
  parts.go.disabled = stands !== "paused";
  parts.slowLabel.hidden = !virtual;
  parts.slow.checked = slow;
}

const SIGNS = { passed: "✓", failed: "✕", error: "✕", running: "▸" };

function drawSteps(steps) {
  const at = state.standing.replay?.place ?? 0;
  parts.steps.hidden = !steps.length;
  const rows = steps.map((step) => {
    const here = state.standing.replay ? at >= step.begins && at <= step.ends : step.verdict === "running";
    const words = [make("span", { class: "step-sign", "aria-hidden": "true" }, SIGNS[step.verdict] ?? "·"),
      make("span", { class: "step-text" }, step.text), make("span", { class: "unseen" }, ` ${step.verdict || "not told yet"}`)];
    const inner = state.standing.replay
      ? make("button", { type: "button", class: "step-key", onclick: () => act("seek", { seq: step.ends }) }, ...words)
      : make("span", { class: "step-key" }, ...words);
    return make("li", { "data-verdict": step.verdict || "none", "aria-current": here ? "step" : null }, inner);
  });
  const focused = [...parts.steps.children].findIndex((row) => row.contains(document.activeElement));
  parts.steps.replaceChildren(...rows);
  if (focused >= 0) rows[focused]?.firstElementChild.focus();
}
