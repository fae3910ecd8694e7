"""Whether text can be told from its ground: WCAG 2.2, success criterion 1.4.3, level AA."""

from __future__ import annotations

from tests.browser.browsing import Browser

LEAST, LEAST_LARGE = 4.5, 3.0

_MEASURE = """
const [least, leastLarge] = arguments;
const channels = (colour) => {
  const found = colour.match(/[\\d.]+/g);
  return found ? found.map(Number) : [0, 0, 0, 0];
};
const over = (front, back) => {
  const alpha = front.length > 3 ? front[3] : 1;
  return [0, 1, 2].map((at) => front[at] * alpha + back[at] * (1 - alpha));
};
const light = (colour) => {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ground = (element) => {
  const layers = [];
  for (let each = element; each; each = each.parentElement) {
    const colour = channels(getComputedStyle(each).backgroundColor);
    layers.push(colour);
    if (colour.length < 4 || colour[3] === 1) break;
  }
  return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255]);
};
const faded = (element) => {
  let alpha = 1;
  for (let each = element; each; each = each.parentElement) alpha *= Number(getComputedStyle(each).opacity);
  return alpha;
};
const poor = new Map();
for (const element of document.querySelectorAll("body *")) {
  if (["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
  const texts = [...element.childNodes].filter((node) => node.nodeType === 3);
  const own = texts.map((node) => node.data.trim()).join(" ").trim();
  if (!own || !element.checkVisibility({ visibilityProperty: true }) || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  if (style.clipPath.includes("50%") || element.closest(".unseen")) continue;
  const back = ground(element);
  const ink = channels(element instanceof SVGElement ? style.fill : style.color);
  const alpha = (ink.length > 3 ? ink[3] : 1) * faded(element);
  const front = over([...ink.slice(0, 3), alpha], back);
  const [one, two] = [light(front), light(back)].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (two + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? leastLarge : least)) {
    const name = `${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""}`;
    if (!poor.has(name)) poor.set(name, `${name} ${ratio.toFixed(2)} ${JSON.stringify(own.slice(0, 40))}`);
  }
}
return [...poor.values()];
"""


def poor_contrasts(browser: Browser) -> list[str]:
    """Each kind of element whose text is too near its ground, with the ratio that one of them has."""
    found: list[str] = browser.run(_MEASURE, LEAST, LEAST_LARGE)
    return found
