// The connection to the harness: everything at first, then differences; it comes back by itself.

const AGAIN_MS = 1000;
const run = document.querySelector('meta[name="run"]').content;

/** Follow the desk. `on.picture(told)`, `on.change(told)`, and `on.link(live)` when the connection comes or goes. */
export function follow(on) {
  const source = new EventSource("events");
  source.addEventListener("picture", (event) => {
    const told = JSON.parse(event.data);
    if (told.run !== run) {
      location.reload(); // another run: its pages have another token
      return;
    }
    on.link(true);
    on.picture(told);
  });
  source.addEventListener("change", (event) => on.change(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    on.link(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(on), AGAIN_MS);
  });
}
