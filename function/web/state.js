// How it stands: waking, sending, reading, done or refused; told to eyes (words, a bar, a clock) and to screen readers.
import { number, seconds, word, worded } from "./words.js";

const by = (id) => document.getElementById(id);

export class State {
  begin(file, notes) {
    clearInterval(this.ticking);
    Object.assign(this, { file, began: performance.now(), pages: 0, count: 0, result: null });
    by("state").hidden = false;
    for (const id of ["problem", "warnings", "cost", "phases"]) by(id).replaceChildren();
    by("waking").hidden = true;
    by("cancel").hidden = by("progress").hidden = false;
    by("progress").removeAttribute("value");
    for (const note of notes) this.note(note);
    this.title("sending", { name: file.name, size: this.bytes(file.size) });
    by("clock").textContent = "";
    this.tick = () => undefined;
    this.ticking = setInterval(() => this.tick(), 250);
    by("state-title").focus({ preventScroll: true });
  }

  bytes(size) {
    return size < 1e6 ? `${number(Math.ceil(size / 1e3))} kB` : `${number(size / 1e6, 1)} MB`;
  }

  get elapsed() {
    return (performance.now() - this.began) / 1000;
  }

  /** `seen` is what /readyz said, null while it says nothing. Shown only where it is not awake at once. */
  waking(seen) {
    if (seen?.ready) {
      const slept = !by("waking").hidden;
      by("waking-words").textContent = slept ? word("woke", { seconds: seconds(this.elapsed) }) : "";
      if (slept) this.phases(seen);
      this.began = performance.now(); // reading is timed by itself
      return;
    }
    by("waking").hidden = false;
    this.title(seen ? "waking" : "asking", { seconds: seconds(this.elapsed) }, !this.toldWaking);
    by("waking-words").textContent = seen ? word("waking_reason", { reason: seen.reason }) : word("waking_held");
    this.phases(seen);
  }

  phases(seen) {
    by("phases").replaceChildren(...(seen?.cold_start?.phases ?? []).map((phase) => {
      const known = { ...phase, state: word(`state_${phase.state}`) ?? phase.state, seconds: seconds(phase.seconds) };
      const item = document.createElement("li");
      item.textContent = word("phase", known);
      item.className = phase.state;
      return item;
    }));
  }

  sending() {
    this.title("sending", { name: this.file.name, size: this.bytes(this.file.size) });
  }

  reading() {
    this.title("reading", { name: this.file.name });
    this.tick = () => this.clock();
    this.clock();
  }

  expects(count) {
    this.count = count;
    this.clock();
  }

  arrived(page) {
    this.pages += 1;
    by("live").textContent = word("arrived", { number: page.number, pages: this.count });
    this.clock();
  }

  clock() {
    if (this.result) return;
    const left = this.pages && this.count ? (this.elapsed / this.pages) * (this.count - this.pages) : 0;
    if (this.count) Object.assign(by("progress"), { max: this.count, value: this.pages });
    by("clock").textContent = word("progress", {
      done: this.pages, pages: this.count, elapsed: seconds(this.elapsed), left: left ? seconds(left) : "",
    });
  }

  done(result) {
    this.count = result.pages.length;
    this.clock();
    this.result = result;
    this.end();
    for (const warning of result.warnings) this.note(warning);
    this.title("done", { name: this.file.name });
    this.bill();
  }

  bill() {
    const { cost, timings, engine, pages, cached } = this.result;
    const told = word("cost", {
      cpu: number(cost.cpu_seconds, 2), gpu: number(cost.gpu_seconds, 2), engine: engine.name,
      page: number((cost.cpu_seconds + cost.gpu_seconds) / Math.max(1, pages.length), 2), total: number(timings.total ?? 0, 2),
    });
    by("cost").textContent = cached ? `${told} · ${word("cached")}` : told;
  }

  cancelled() {
    this.end();
    this.title("cancelled");
  }

  failed(problem, again) {
    this.end();
    this.title(this.pages ? "cut" : "failed", { name: this.file.name });
    this.complain(problem);
    const button = worded("button", "again");
    button.type = "button";
    button.addEventListener("click", again);
    by("problem").append(button);
  }

  /** A refusal in its own words, which are English, under a title in the visitor's. */
  complain(problem) {
    const title = document.createElement("strong");
    title.textContent = word(problem.type.replace("urn:zeropage:", "")) ?? problem.title;
    const lines = [title, paragraph(problem.detail, "en")];
    if (problem.remedy) lines.push(paragraph(word("remedy", problem)));
    if (problem.request_id) lines.push(paragraph(word("request", { id: problem.request_id })));
    by("problem").replaceChildren(...lines);
  }

  note(words) {
    const item = document.createElement("li");
    item.textContent = words;
    by("warnings").append(item);
  }

  /** Said once more after the tongue was changed. */
  again() {
    if (this.titled) this.title(...this.titled);
    if (this.result) this.bill();
  }

  title(name, fields = {}, aloud = true) {
    this.titled = [name, fields];
    by("state-title").textContent = word(name, fields);
    this.toldWaking = name === "waking" || name === "asking";
    if (aloud) by("live").textContent = word(name, fields);
  }

  end() {
    clearInterval(this.ticking);
    by("cancel").hidden = by("progress").hidden = true;
    if (!this.result) by("clock").textContent = "";
  }
}

function paragraph(words, lang) {
  const element = document.createElement("p");
  element.textContent = words;
  if (lang) element.lang = lang;
  return element;
}
