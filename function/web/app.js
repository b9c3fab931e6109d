// The page's story: a document comes in, the function is awake or woken, pages arrive one by one, the answer stands.
import { downloads } from "./downloads.js";
import { choices, chosen, listen } from "./intake.js";
import { article } from "./page.js";
import { Pictures } from "./pictures.js";
import { Problem, ours } from "./problems.js";
import { awake, events, offer, send } from "./server.js";
import { State, bytes, limit } from "./state.js";
import { keep, preferred, say, speak, word } from "./words.js";

const by = (id) => document.getElementById(id);
const state = new State();
let offered;
let under; // the reading under way: what cancels it
let pictures;
let fading; // what was said of a download

async function take(files) {
  under?.abort();
  const stop = under = new AbortController();
  const [file] = files;
  state.begin(file);
  if (files.length > 1) state.note(() => word("only_one", { name: file.name }));
  pictures?.close();
  by("result").hidden = true;
  by("pages").replaceChildren();
  try {
    await read(file, chosen(), stop.signal);
  } catch (error) {
    if (under !== stop) return; // another document took its place
    by("downloads").hidden = true;
    by("result").hidden ||= !state.hasRead;
    if (error.name === "AbortError") state.cancelled();
    else state.failed(problemOf(error), () => take([file]), () => by("file").click());
  } finally {
    if (under === stop) under = undefined;
  }
}

function problemOf(error) {
  if (error.status === 401) by("key-field").hidden = false; // a gateway may want one where the function does not
  return error instanceof Problem ? error : ours("unforeseen", { detail: String(error) });
}

/** What need not be sent to be refused. Throws Problem. */
async function check(file) {
  const start = await file.slice(0, 1).arrayBuffer().catch(() => null); // of a folder there is nothing to be had
  if (!start) throw ours("unreadable", { another: true });
  if (!file.size) throw ours("empty", { another: true });
  if (file.size <= (offered?.max_bytes ?? Infinity)) return;
  throw ours("over-limit", { size: bytes(file.size), most: limit(offered.max_bytes), another: true });
}

async function read(taken, wishes, signal) {
  const file = taken.fetched ? await taken.fetched(signal) : taken;
  await check(file);
  await awake((seen) => state.waking(seen), signal);
  offered ?? await greet();
  offerDownloads(file, undefined, wishes);
  state.sending(file);
  const seen = pictures = new Pictures();
  const options = { ...wishes.options, previews: (await seen.own(file)) ? "no" : "yes" };
  const response = await send("/v1/parse", file, { ...wishes, options, accept: "text/event-stream", signal });
  state.reading();
  if (options.previews === "no") state.expects(1);
  for await (const [name, told] of events(response)) {
    if (name === "picture") {
      seen.add(told);
      state.expects(told.pages);
    } else if (name === "page") {
      by("result").hidden = false;
      by("pages").append(article(told, seen.of(told.number)));
      state.arrived(told);
    } else if (name === "result") {
      offerDownloads(file, told, wishes);
      state.done(told);
    }
  }
}

/** There, of no use yet, before there is a `result`: so that nothing jumps when it comes. */
function offerDownloads(file, result, wishes) {
  const tell = (name, fields) => {
    clearTimeout(fading);
    say(by("downloading"), () => (name ? word(name, fields) : ""));
    if (name === "downloaded") fading = setTimeout(tell, 8000);
  };
  const failed = (problem) => state.complain(problem);
  const title = by("downloads-title");
  by("downloads").hidden = false;
  by("downloads").replaceChildren(title, ...downloads(offered.formats, { file, result, wishes }, tell, failed));
  tell();
}

/** The tabs, as the ARIA practices have them: one stop of the Tab key, the arrows choose. */
function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const other of all) {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
    }
    by("pages").dataset.view = tab.dataset.view;
    by("pages").setAttribute("aria-labelledby", tab.id);
  };
  by("tabs").addEventListener("click", (event) => event.target.role === "tab" && choose(event.target));
  by("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
    choose(next);
    next.focus();
  });
}

async function greet() {
  offered = await offer();
  choices(offered, () => limit(offered.max_bytes), take);
}

speak(preferred());
by("tongue").value = document.documentElement.lang;
by("tongue").addEventListener("change", (event) => {
  keep("tongue", event.target.value);
  speak(event.target.value);
});
by("tint").addEventListener("change", (event) => by("pages").classList.toggle("tinted", event.target.checked));
by("cancel").addEventListener("click", () => under?.abort());
tabs();
listen(take);
greet().catch(() => undefined); // asked again with the first document
