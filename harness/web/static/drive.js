// What drives the desk where a person does not: a scenario that runs, or a trace that is replayed.

import { act } from "./act.js";
import { byId, make, setText } from "./dom.js";
import { state } from "./state.js";

export function drive() {
  byId("drive").hidden = true;
}
