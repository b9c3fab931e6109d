// One page of the answer: its picture beside its text, and the thread between them.
import { plain, rendered } from "./blocks.js";
import { outlined, show } from "./picture.js";
import { account } from "./problems.js";
import { say, told, word, worded } from "./words.js";

/** An article of a page; its picture, at `url`, is shown when it comes into view. */
export function article(read, url) {
  const page = read.width ? read : { ...read, width: 400, height: 60 }; // a page that could not even be drawn
  const element = make("article", "");
  element.id = `page-${page.number}`;
  const svg = outlined(page);
  const images = Object.fromEntries((page.images ?? []).map((image) => [image.name, image]));
  const reading = make("div", "view reading", numbered(page.blocks.map((block) => rendered(block, images))));
  const text = make("div", "view text", numbered(page.blocks.map(plain)));
  if (!page.blocks.length && !page.error) reading.append(worded("p", "blank"));
  const sides = make("div", "sides", [svg, make("div", "", [reading, text, json(read)])]);
  element.append(head(page), ...trouble(page), sides);
  for (const [among, selector] of [[svg, ".box"], [reading, ".block"], [text, ".block"]]) rove(among, selector);
  link(element);
  whenSeen(svg, () => show(svg, page, url));
  return element;
}

function make(tag, name, content = []) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

function numbered(blocks) {
  blocks.forEach((block, index) => { block.dataset.block = index; });
  return blocks;
}

function head(page) {
  const rung = page.rung ? worded("span", `rung_${page.rung}`) : worded("span", "no_rung");
  rung.className = "rung";
  const parts = [worded("h3", "page", { number: page.number }), rung];
  if (page.rotation) parts.push(worded("span", "turned", { degrees: page.rotation }));
  if (page.reason) parts.push(saying("span", () => word("why", { reason: told(page.reason) })));
  if (page.reason) parts.at(-1).className = "why";
  return make("header", "row", parts);
}

const saying = (tag, tell) => say(document.createElement(tag), tell);

function trouble(page) {
  const parts = page.error ? [make("div", "wrong", account(page.error))] : [];
  const notes = (page.warnings ?? []).map((warning) => saying("li", () => told(warning)));
  if (page.degraded) notes.unshift(saying("li", () => word("degraded", { reason: told(page.degraded) })));
  return notes.length ? [...parts, make("ul", "notes", notes)] : parts;
}

function json(page) {
  const pre = make("pre");
  pre.tabIndex = 0; // it scrolls, so the keyboard must get into it
  const short = (name, value) => (name === "data" ? `${value.slice(0, 16)}…` : value);
  whenSeen(pre, () => { pre.textContent = JSON.stringify(page, short, 2); });
  return make("div", "view json", [pre]);
}

/** One stop of the Tab key for all blocks; the arrows go from one to the next. */
function rove(among, selector) {
  const all = [...among.querySelectorAll(selector)];
  all.forEach((element, index) => element.setAttribute("tabindex", index ? -1 : 0));
  among.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const next = all[all.indexOf(event.target) + step];
    if (!step || !all.includes(event.target) || !next) return;
    event.preventDefault();
    event.target.setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  });
}

/** What is pointed at and what is focused is lit on both sides; a click or Enter goes over to the other side. */
function link(element) {
  const lit = {}; // two of them, since a page that scrolls moves things away from under the pointer
  const light = (by, target) => {
    lit[by] = target?.closest?.("[data-block]")?.dataset.block;
    for (const other of element.querySelectorAll("[data-block]")) {
      other.classList.toggle("lit", Object.values(lit).includes(other.dataset.block));
    }
  };
  element.addEventListener("pointerover", (event) => light("pointer", event.target));
  element.addEventListener("pointerleave", () => light("pointer"));
  element.addEventListener("focusin", (event) => light("focus", event.target));
  element.addEventListener("focusout", () => light("focus"));
  const cross = (event) => {
    const from = event.target.closest("[data-block]");
    if (!from || getSelection().toString()) return;
    const others = [...element.querySelectorAll(`[data-block="${from.dataset.block}"]`)];
    const there = others.find((other) => other !== from && other.getClientRects().length);
    there?.scrollIntoView({ block: "nearest" });
    if (event.type === "keydown") there?.focus();
  };
  element.addEventListener("click", cross);
  element.addEventListener("keydown", (event) => event.key === "Enter" && cross(event));
}

function whenSeen(element, act) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    act();
  }, { rootMargin: "800px" });
  seen.observe(element);
}
