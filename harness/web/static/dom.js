// Elements are made of texts and attributes, never of markup: whatever a server sends stays text.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (null and false are left out), listeners (`onclick`) and children: elements and texts. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** One of the signs that the page defines; it says nothing to a screen reader, words stand beside it. */
export function sign(id, className = "sign") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${id}`);
  svg.append(use);
  return svg;
}

/** Another sign in the same place. */
export function setSign(svg, id) {
  const use = svg.firstChild;
  if (use.getAttribute("href") !== `#${id}`) use.setAttribute("href", `#${id}`);
}

/** The text of an element, touched only where it is another. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const byId = (id) => document.getElementById(id);
