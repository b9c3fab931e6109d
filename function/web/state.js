// How it stands: waking, sending, reading, done or refused; told to eyes (words, a bar, a clock) and to screen readers.
import { account, asksForAnother, sentence } from "./problems.js";
import { number, say, seconds, told, word, worded } from "./words.js";

const by = (id) => document.getElementById(id);

/** A warning of the document; those of pages, which it only points to, stand beside their pages. */
const remark = (warning) => sentence(told(warning).replace(": see pages[].warnings", ""));

export class State {
  begin(file) {
    clearInterval(this.ticking);
    Object.assign(this, { file, began: performance.now(), pages: 0, count: 0, failures: 0, ended: false });
    by("state").hidden = false;
    by("state").className = "";
    for (const id of ["problem", "warnings", "phases"]) by(id).replaceChildren();
    for (const id of ["clock", "cost"]) say(by(id), () => "");
    by("waking").hidden = true;
    this.toldWaking = by("clock").hidden = by("how").hidden = by("cancel").hidden = by("progress").hidden = false;
    by("progress").removeAttribute("value");
    if (file.fetched) this.title("fetching", () => ({ name: file.name }));
    else this.sending(file);
    this.ticking = setInterval(() => this.clock(), 250);
    by("state-title").focus({ preventScroll: true });
    by("state").scrollIntoView({ block: matchMedia("(max-width: 48rem)").matches ? "start" : "nearest" });
  }

  get elapsed() {
    return (performance.now() - this.began) / 1000;
  }

  /** Whether there is a page that could be read. */
  get hasRead() {
    return this.pages > this.failures;
  }

  /** `seen` is what /readyz said, null while it says nothing. Shown only where it is not awake at once. */
  waking(seen) {
    const waited = this.elapsed;
    if (seen?.ready) {
      const slept = !by("waking").hidden;
      say(by("waking-words"), () => (slept ? word("woke", { seconds: seconds(waited) }) : ""));
      this.phases();
      this.began = performance.now(); // reading is timed by itself
      return;
    }
    by("waking").hidden = false;
    by("clock").hidden = true; // the title is one
    this.title(seen ? "waking" : "asking", () => ({ seconds: seconds(waited) }), !this.toldWaking);
    this.toldWaking = true;
    const phases = seen?.cold_start?.phases ?? [];
    const reason = phases.some((phase) => phase.state === "running") ? "" : seen?.reason ?? "";
    say(by("waking-words"), () => (reason ? sentence(told(reason)) : seen ? "" : word("waking_held")));
    this.phases(phases);
  }

  phases(phases = []) {
    by("phases").replaceChildren(...phases.map((phase) => {
      const item = document.createElement("li");
      item.className = phase.state;
      return say(item, () => word(phase.state === "waiting" ? "phase_waits" : "phase", {
        name: word(`phase_${phase.name}`) ?? phase.name, state: word(`state_${phase.state}`), seconds: seconds(phase.seconds),
      }));
    }));
  }

  sending({ name, size }) {
    this.toldWaking = by("clock").hidden = false;
    this.title("sending", () => ({ name, size: bytes(size) }));
  }

  reading() {
    this.title("reading", () => ({ name: this.file.name }));
    this.clock();
  }

  expects(count) {
    this.count = count;
    this.clock();
  }

  arrived(page) {
    this.pages += 1;
    this.failures += page.error ? 1 : 0;
    const fields = { number: page.number, pages: this.count };
    say(by("live"), () => word("arrived", fields));
    this.clock();
  }

  clock() {
    const [done, pages, passed] = [this.pages, this.count, this.elapsed];
    if (this.ended || this.toldWaking) return;
    const left = done && pages ? (passed / done) * (pages - done) : 0;
    if (pages) Object.assign(by("progress"), { max: pages, value: done });
    say(by("clock"), () => {
      const elapsed = seconds(passed);
      return done || pages ? word("progress", { done, pages, elapsed, left: left ? seconds(left) : "" }) : elapsed;
    });
  }

  done(result) {
    const [pages, passed] = [result.pages.length, this.elapsed];
    this.end();
    say(by("clock"), () => word("took", { pages, elapsed: seconds(passed) }));
    for (const warning of result.warnings) this.note(() => remark(warning));
    this.title(this.failures ? "cut" : "done", () => ({ name: this.file.name }));
    const warned = () => result.warnings.map(remark);
    say(by("live"), () => [by("state-title").textContent, ...warned()].join(" "));
    say(by("cost"), () => bill(result));
  }

  cancelled() {
    this.end();
    by("how").hidden = true;
    this.title("cancelled");
  }

  /** `again` tries once more, `another` asks for another document. */
  failed(problem, again, another) {
    this.end();
    by("how").hidden = true;
    this.title(this.hasRead ? "cut" : "failed", () => ({ name: this.file.name }));
    this.complain(problem);
    const button = worded("button", asksForAnother(problem) ? "another" : "again");
    button.type = "button";
    button.addEventListener("click", asksForAnother(problem) ? another : again);
    by("problem").append(button);
  }

  complain(problem) {
    by("state").className = "refused";
    by("problem").replaceChildren(...account(problem));
  }

  note(tell) {
    by("warnings").append(say(document.createElement("li"), tell));
  }

  title(name, fields = () => ({}), aloud = true) {
    const tell = () => word(name, fields());
    say(by("state-title"), tell);
    say(document.querySelector("title"), () => `${tell()} · Zeropage`);
    if (aloud) say(by("live"), tell);
  }

  end() {
    this.ended = true;
    clearInterval(this.ticking);
    by("cancel").hidden = by("progress").hidden = true;
  }
}

export const bytes = (size) => (size < 1e6 ? `${number(Math.ceil(size / 1e3))} kB` : `${number(size / 1e6, 1)} MB`);

/** A limit in one form everywhere, never more than it is. */
export const limit = (size) => bytes(size < 1e6 ? size : size - (size % 1e6));

function bill({ cost, timings, engine, pages, cached }) {
  const spent = word("cost", {
    cpu: number(cost.cpu_seconds, 2), gpu: cost.gpu_seconds ? number(cost.gpu_seconds, 2) : "", engine: engine.name,
    page: number((cost.cpu_seconds + cost.gpu_seconds) / Math.max(1, pages.length), 2), total: number(timings.total ?? 0, 2),
  });
  return cached ? `${spent} · ${word("cached")}` : spent;
}
