"use strict";
// Filters, and opens what a link leads to.  Without it the page shows everything.
const filter = document.querySelector("form.filter");
const scenarios = [...document.querySelectorAll(".scenario")];
const none = document.querySelector(".none");

function show() {
  const words = filter.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = new Set([...filter.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
  const tag = filter.elements.tag ? filter.elements.tag.value : "";
  let shown = 0;
  for (const scenario of scenarios) {
    const { verdict, tags, text } = scenario.dataset;
    const fits = verdicts.has(verdict) && (!tag || tags.split("\n").includes(tag)) && words.every((word) => text.includes(word));
    scenario.hidden = !fits;
    shown += fits;
  }
  filter.querySelector(".count").value = `${shown} of ${scenarios.length} shown`;
  none.hidden = shown > 0 || scenarios.length === 0;
}

function reveal() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place || !place.closest(".scenario")) return;
  for (let each = place; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
    each.hidden = false;
  }
  const head = place.tagName === "DETAILS" ? place.querySelector("summary") : place;
  head.scrollIntoView({ block: "start" });
  head.focus({ preventScroll: true });
}

filter.hidden = scenarios.length === 0;
filter.addEventListener("input", show);
filter.addEventListener("submit", (event) => event.preventDefault());
for (const open of [true, false]) {
  filter.elements[open ? "open" : "close"].addEventListener("click", () => {
    for (const scenario of scenarios) if (!scenario.hidden) scenario.open = open;
  });
}
addEventListener("hashchange", reveal);
show();
if (location.hash) reveal();
