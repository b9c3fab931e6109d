// The page's picture with its blocks outlined: an SVG in the answer's own coordinates, pixels of the upright page.
import { doubt, typed } from "./blocks.js";
import { say, word } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The outlines of one page; its picture comes later, by `show`. */
export function outlined(page) {
  const svg = make("svg", { viewBox: `0 0 ${page.width} ${page.height}`, class: "picture", role: "group" });
  say(svg, () => word("boxes", page), "aria-label");
  page.blocks.forEach((block, index) => {
    for (const line of block.lines) {
      if (doubt(line.confidence)) svg.append(make("rect", { ...place(line.bbox), class: `line doubt-${doubt(line.confidence)}` }));
    }
    const box = make("rect", { ...place(block.bbox), class: "box", role: "button", "data-block": index });
    svg.append(say(box, () => word("box", { type: typed(block), start: block.text.slice(0, 60) }), "aria-label"));
  });
  return svg;
}

const place = ([x0, y0, x1, y1]) => ({ x: x0, y: y0, width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0) });

/** Put the picture behind the outlines, turned as the reader turned it. `url` is null where there is none. */
export function show(svg, page, url) {
  svg.querySelector("image, text")?.remove();
  if (url === null) {
    const note = make("text", { x: page.width / 2, y: page.height / 2, "text-anchor": "middle", "font-size": page.width / 25 });
    svg.prepend(say(note, () => word("no_picture")));
    return;
  }
  const { width, height, rotation } = page;
  const [w, h] = rotation % 180 ? [height, width] : [width, height];
  const move = { 0: "", 90: `translate(${width} 0) rotate(90)`, 180: `translate(${width} ${height}) rotate(180)`, 270: `translate(0 ${height}) rotate(270)` };
  svg.prepend(make("image", { href: url, width: w, height: h, transform: move[rotation], preserveAspectRatio: "none" }));
}
