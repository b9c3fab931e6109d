// How a document comes in: dropped, pasted, picked, photographed, or one of the samples.
import { sample } from "./server.js";
import { say, word, worded } from "./words.js";

const by = (id) => document.getElementById(id);

/** `take(files)` hears of every document that comes in. */
export function listen(take) {
  for (const id of ["file", "camera"]) {
    by(id).addEventListener("change", (event) => {
      const files = [...event.target.files];
      event.target.value = ""; // the same file may be chosen again
      if (files.length) take(files);
    });
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take([...event.clipboardData.files]);
  });
  by("options").addEventListener("submit", (event) => event.preventDefault());
  const drop = by("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}

/** What can be chosen on this instance; `most` tells how large a document may be. */
export function choices(offer, most, take) {
  say(by("takes"), () => word("takes", { most: most() }));
  by("tier").replaceChildren(...offer.tiers.map((tier) => {
    const option = worded("option", `tier_${tier}`);
    option.value = tier;
    return option;
  }));
  by("key-field").hidden = !offer.needs_key;
  by("language-field").hidden = !offer.languages.length;
  by("language").append(...offer.languages.map((tag) => {
    const option = say(document.createElement("option"), () => languageName(tag));
    option.value = tag;
    return option;
  }));
  for (const name of offer.samples) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => take([{ name, fetched: (signal) => sample(name, signal) }]));
    by("samples").append(button);
  }
  by("samples").hidden = by("options").hidden = false;
}

const languageName = (tag) => new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(tag);

/** Options as they stand now, and the key. */
export const chosen = () => ({
  options: { tier: by("tier").value, language: by("language").value },
  key: by("key").value.trim(),
});
