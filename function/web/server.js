// What the page asks of the server: a document sent, its answer's events one by one, and refusals as problems (RFC 9457).
import { Problem, ours } from "./problems.js";

/** POST `file` to `path`; the response, if it is a good one. Throws Problem, or AbortError where `signal` says so. */
export async function send(path, file, { options = {}, key = "", accept, signal }) {
  const form = new FormData();
  form.append("file", file, file.name);
  const chosen = new URLSearchParams(Object.entries(options).filter(([, value]) => value));
  const headers = { Accept: accept, ...(key && { Authorization: `Bearer ${key}` }) };
  const response = await reached(fetch(`${path}?${chosen}`, { method: "POST", body: form, headers, signal }));
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** The same; `unreachable` where there was no answer at all. */
async function reached(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw ours("unreachable");
  }
}

async function problemOf(response) {
  const retry = Number(response.headers.get("Retry-After")) || 0;
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return new Problem({ ...(await response.json()), retry });
  }
  return ours("untold", { status: response.status, retry });
}

/** Each event of a stream as `[name, object]`. Throws Problem where the stream ends without `result` or `error`. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read().catch((error) => {
      if (error.name === "AbortError") throw error;
      return { done: true };
    });
    if (done) throw ours("cut-off");
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const [name, data] = fields(part);
      if (name === "error") throw new Problem(data);
      yield [name, data];
      if (name === "result") return;
    }
  }
}

function fields(part) {
  const lines = part.split("\n").map((line) => line.match(/^(\w+): ?(.*)$/s)).filter(Boolean);
  const told = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
  return [told.event, JSON.parse(told.data)];
}

/** What this instance offers: formats, tiers, samples, the largest body, whether a key is needed. */
export async function offer() {
  const response = await reached(fetch("/web/offer.json"));
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** A document to try the page with. */
export async function sample(name, signal) {
  const response = await reached(fetch(`/web/samples/${name}`, { signal }));
  if (!response.ok) throw await problemOf(response);
  const bytes = await reached(response.blob());
  return new File([bytes], name, { type: bytes.type });
}

/** Wait until the instance is awake; `tell(seen)` hears meanwhile what /readyz says, or null while nobody answers. */
export async function awake(tell, signal) {
  for (;;) {
    const held = setInterval(() => tell(null), 500); // a platform at zero keeps the question until a pod stands
    let seen = null;
    try {
      const response = await fetch("/readyz", { cache: "no-store", signal });
      seen = await response.json();
    } catch (error) {
      if (error.name === "AbortError") throw error;
    } finally {
      clearInterval(held);
    }
    tell(seen);
    if (seen?.ready) return;
    await pause(0.3, signal);
  }
}

export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
