// A block of the answer as elements. Text goes in as text, never as markup, so whatever a page says stays harmless.
import { fill, inline } from "./formula.js";
import { number, say, word, worded } from "./words.js";

const ASIDE = new Set(["header", "footer", "page_number", "footnote"]);
const IN_TABLES = new Set(["TABLE", "THEAD", "TBODY", "TFOOT", "TR", "TH", "TD", "CAPTION", "SUP", "SUB", "BR", "B", "I"]);

/** How doubtful a confidence is: 0 (not) to 3. */
export const doubt = (confidence) => [0.95, 0.85, 0.7].filter((bound) => confidence < bound).length;

export const percent = (confidence) => `${number(confidence * 100)} %`;

/** One block as it would be printed. `images` are the page's, by name. */
export function rendered(block, images) {
  const written = WRITERS[block.type]?.(block) ?? paragraph(block);
  const parts = block.image && images[block.image] ? [figure(block, images[block.image])] : [];
  return frame(block, block.text.trim() || block.rows || block.html ? [...parts, written] : parts);
}

/** What kind of block it is, in the visitor's words. */
export const typed = (block) => word(`type_${block.type}`) ?? block.type;

/** One block as plain text. */
export function plain(block) {
  return frame(block, [block.text]);
}

function frame(block, content) {
  const element = make("div", content);
  element.className = `block${ASIDE.has(block.type) ? " aside" : ""}`;
  element.dir = "auto";
  const level = doubt(block.confidence);
  if (level) {
    element.classList.add(`doubt-${level}`);
    element.dataset.percent = percent(block.confidence);
    const aloud = worded("span", "doubt", { percent: percent(block.confidence) });
    aloud.className = "unseen";
    element.append(aloud);
  }
  return element;
}

function make(tag, content = []) {
  const element = document.createElement(tag);
  element.append(...content);
  return element;
}

function paragraph(block) {
  const lines = block.text.split("\n").map((line) => (block.label ? inline(line) : [line]));
  return make("p", lines.flatMap((line, index) => (index ? [make("br"), ...line] : line)));
}

function heading(block) {
  // The page has h1 to h3 for itself; what a document calls its title is the fourth level here.
  const level = Math.min(6, 3 + (block.level ?? (block.type === "title" ? 1 : 2)));
  return make(`h${level}`, block.label ? inline(block.text) : [block.text]);
}

function list(block) {
  const marker = /^\s*(?:[-–—−*+◦○▪■□◆◇▶►➢➤✓✔✗·∙‣⁃]\s+|[•●]\s*)(?=\S)/;
  const items = block.text.split("\n").filter((line) => line.trim());
  if (!items.some((item) => item.startsWith(" ")) && !items.every((item) => marker.test(item))) return paragraph(block);
  const around = [{ indent: -1, list: make("ul") }];
  for (const item of items) {
    const indent = item.search(/\S/);
    while (indent <= around.at(-1).indent) around.pop();
    const outer = around.at(-1);
    outer.list ??= outer.item.appendChild(make("ul"));
    const element = outer.list.appendChild(make("li", [item.replace(marker, "").trim()]));
    if (!marker.test(item)) element.className = "marked";
    around.push({ indent, item: element });
  }
  return around[0].list;
}

function table(block) {
  if (block.rows) return make("table", [make("tbody", block.rows.map((row, index) => cells(row, index ? "td" : "th")))]);
  return block.html ? copied(new DOMParser().parseFromString(block.html, "text/html").body)[0] : paragraph(block);
}

const cells = (row, tag) => make("tr", row.map((cell) => make(tag, [cell])));

/** A table's own HTML, element by element: the tags of tables, their spans, and nothing else. */
function copied(parent) {
  return [...parent.childNodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return inline(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    if (!IN_TABLES.has(node.tagName)) return copied(node);
    const copy = make(node.tagName, copied(node));
    for (const span of ["colspan", "rowspan"]) {
      if (/^\d{1,3}$/.test(node.getAttribute(span))) copy.setAttribute(span, node.getAttribute(span));
    }
    return [copy];
  });
}

function figure(block, image) {
  const picture = make("img");
  say(picture, () => block.text || typed(block), "alt");
  if (/^image\/(png|jpeg|webp)$/.test(image.media_type)) picture.src = `data:${image.media_type};base64,${image.data}`;
  return make("figure", [picture]);
}

function formula(block) {
  const element = make("div");
  fill(element, block.text, true);
  return element;
}

const code = (block) => make("pre", [make("code", [block.text])]);

const WRITERS = { title: heading, heading, list, table, chart: table, code, formula };
