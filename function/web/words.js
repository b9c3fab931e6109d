// The visitor's tongue: one dictionary a language; English stands in where a word is missing.
import en from "./words/en.js";
import zh from "./words/zh.js";

const TONGUES = { en, zh };
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

/** Speak `tongue`: everything marked with `data-word` changes at once. */
export function speak(tongue) {
  now = tongue;
  document.documentElement.lang = tongue;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word, element.dataset);
  }
}

/** Numbers and times as they are written here. */
export const number = (value, digits = 0) => value.toLocaleString(now, { maximumFractionDigits: digits });

export function seconds(value) {
  if (value < 60) return word("seconds", { n: number(value, value < 10 ? 1 : 0) });
  return word("minutes", { m: Math.floor(value / 60), s: String(Math.floor(value % 60)).padStart(2, "0") });
}

/** An element whose words change with the tongue. */
export function worded(tag, name, fields = {}) {
  const element = document.createElement(tag);
  element.dataset.word = name;
  Object.assign(element.dataset, fields);
  element.textContent = word(name, fields);
  return element;
}

/** What the browser remembers, where it is allowed to. */
export function kept(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

export function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* private windows may forbid it */ }
}
