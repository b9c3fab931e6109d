// A refusal or an outage as elements: title and remedy in the visitor's tongue, by the problem's type; the server's own
// account of it beneath, in Chinese as far as its sentences are known.
import { say, told, word } from "./words.js";

const OTHER_DOCUMENT = new Set([413, 415, 422]);

/** A refusal or an outage: `type`, `title`, `detail`, `remedy`, and perhaps `status`, `request_id`, `retry` (seconds). */
export class Problem extends Error {
  constructor(body) {
    super(body.title);
    Object.assign(this, { type: "", title: "", detail: "", remedy: "", request_id: "", retry: 0, ...body });
  }
}

/** What went wrong on this side; the dictionaries have its title and remedy, `fields` what these fill in. */
export const ours = (name, fields = {}) => new Problem({ type: name, ...fields });

/** Whether another document helps, rather than another try. */
export const asksForAnother = (problem) => problem.another ?? OTHER_DOCUMENT.has(problem.status);

/** The elements that tell of it. */
export function account(problem) {
  const name = problem.type.split(":").at(-1);
  const lines = [said("strong", () => word(`problem:${name}`, problem) ?? problem.title)];
  if (problem.detail) lines.push(said("p", () => word("detail", { detail: sentence(told(problem.detail)) })));
  const remedy = () => word(`remedy:${name}`, problem) ?? problem.remedy;
  if (remedy()) lines.push(said("p", () => word("remedy", { remedy: remedy() })));
  if (problem.request_id) lines.push(said("p", () => word("request", { id: problem.request_id })));
  if (problem.request_id) lines.at(-1).className = "aside";
  return lines;
}

/** As a sentence is written: messages of programs begin small and end openly. */
export const sentence = (prose) => prose.charAt(0).toUpperCase() + prose.slice(1) + (/[.。]$/.test(prose) ? "" : word("stop"));

const said = (tag, tell) => say(document.createElement(tag), tell);
