// LaTeX as MathML, by Temml, which is loaded when the first formula comes; until then, and where it fails, the LaTeX stands.
let loading;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("vendor/temml.min.js", import.meta.url);
    script.onload = () => resolve(globalThis.temml);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

/** Show `latex` in `element`. What it may do is bounded: no links, no macros that grow, no huge sizes. */
export function fill(element, latex, displayMode) {
  element.textContent = latex;
  library()
    .then((temml) => temml.render(latex, element, { displayMode, trust: false, maxExpand: 100, maxSize: [20, 20], throwOnError: true }))
    .catch(() => { element.textContent = latex; });
}

/** A line of text whose formulas stand in dollars, as nodes. */
export function inline(text) {
  return text.split(/(?<!\\)\$([^$\n]+)\$/).map((part, index) => {
    if (index % 2 === 0) return document.createTextNode(part);
    const element = document.createElement("span");
    fill(element, part, false);
    return element;
  });
}
