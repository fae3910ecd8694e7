// What signs and tokens are called.

export const PRESENCE = {
  available: "Available", chat: "Chat", away: "Away", xa: "Extended away", dnd: "Do not disturb",
};

export const LAMP = {
  "": "off", unknown: "unknown", idle: "idle", ringing: "ringing", on_the_phone: "on the phone", on_hold: "on hold",
};

export const FAMILY = {
  "digium-1x": "Digium, firmware 1", "digium-2x": "Digium, firmware 2", "sangoma-p": "Sangoma P series",
};

export const CALL = {
  dialing: "Calling", ringing: "Ringing", connected: "Talking", held: "On hold", "on hold": "They hold", ended: "Ended",
};

export const presenceWord = (token) => PRESENCE[token] ?? token;

export const presenceSign = (token) => (token in PRESENCE ? `presence-${token}` : token ? "presence-other" : "presence-none");

export const lampSign = (token) => (token in LAMP && token ? `lamp-${token}` : "lamp-off");

/** A status with its substatus: "Away · Lunch". */
export const statusText = (status, substatus) => [presenceWord(status), substatus].filter(Boolean).join(" · ");

/** Milliseconds for reading. */
export function span(ms) {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms >= 100 ? `${ms.toFixed(0)} ms` : ms >= 10 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(2)} ms`;
}

export const several = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
