// What is known of the desk: everything at first, then what is different.

const NESTED = ["contacts", "lines", "calls"];

export const state = {
  run: "", mode: "", title: "", acts: new Set(), standing: {}, phones: new Map(), change: null, rows: [],
  flights: {},
};

/** Take everything. */
export function takePicture(told) {
  state.run = told.run;
  state.mode = told.mode;
  state.title = told.title;
  state.acts = new Set(told.acts);
  state.standing = told.standing;
  state.phones = new Map(Object.entries(told.phones));
  state.change = told.change;
  state.rows = told.rows;
  state.flights = {};
}

/** Take what is different; gives which phones are, with what of each. */
export function takeChange(told) {
  if (told.standing) Object.assign(state.standing, told.standing);
  if (told.change) {
    const another = !state.change || told.change.start !== state.change.start;
    state.change = told.change;
    state.rows = another ? told.rows : state.rows.concat(told.rows);
    state.flights = { ...(another ? {} : state.flights), ...told.flights };
  }
  const changed = told.phones ?? {};
  for (const [name, different] of Object.entries(changed)) merge(state.phones.get(name), different);
  return changed;
}

function merge(phone, different) {
  if (!phone) return;
  for (const [key, value] of Object.entries(different)) {
    if (!NESTED.includes(key)) {
      phone[key] = value;
      continue;
    }
    for (const [name, entry] of Object.entries(value)) {
      if (entry === null) delete phone[key][name];
      else phone[key][name] = entry;
    }
  }
}
