// The visitor's tongue: one dictionary a language; English stands in where a word is missing.
import en from "./words/en.js";
import zh from "./words/zh.js";
import { chinese } from "./words/zh_told.js";

const TONGUES = { en, zh };
const SAYS = Symbol("what an element says, by attribute");
let now = "en";

/** The words of a name, with `{field}` filled in; functions take the fields themselves (plurals). */
export function word(name, fields = {}) {
  const found = TONGUES[now][name] ?? en[name];
  if (typeof found === "function") return found(fields);
  return found?.replace(/\{(\w+)\}/g, (_, field) => fields[field] ?? "");
}

/** The tongue that was chosen before, else the browser's first that we know, else English. */
export function preferred() {
  const wished = [kept("tongue"), ...navigator.languages].filter(Boolean).map((tag) => tag.slice(0, 2).toLowerCase());
  return wished.find((tag) => tag in TONGUES) ?? "en";
}

/** Speak `tongue`: whatever is marked with `data-word`, and whatever was said by `say`, changes at once. */
export function speak(tongue) {
  now = tongue;
  document.documentElement.lang = tongue;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-said]")) element[SAYS].forEach(put, element);
}

function put(tell, attribute) {
  if (attribute) this.setAttribute(attribute, tell());
  else this.textContent = tell();
}

/** Let `element`, or an attribute of it, say what `tell()` answers: now, and again whenever the tongue changes. */
export function say(element, tell, attribute = "") {
  (element[SAYS] ??= new Map()).set(attribute, tell);
  element.dataset.said = "";
  put.call(element, tell, attribute);
  return element;
}

/** A new element that says the words of a name. */
export const worded = (tag, name, fields) => say(document.createElement(tag), () => word(name, fields));

/** What the server says, which is English, in the visitor's tongue, as far as its sentences are known. */
export const told = (prose) => (now === "zh" ? chinese(prose) : prose);

/** Numbers and times as they are written here. */
export const number = (value, digits = 0) => value.toLocaleString(now, { maximumFractionDigits: digits });

export function seconds(value) {
  if (value < 60) return word("seconds", { n: number(value, value < 10 ? 1 : 0) });
  return word("minutes", { m: Math.floor(value / 60), s: String(Math.floor(value % 60)).padStart(2, "0") });
}

/** What the browser remembers, where it is allowed to. */
export function kept(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

export function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* private windows may forbid it */ }
}
