// Where pictures come from: an image that the browser can draw is its own picture; of all else the server draws a few pages
// at a time, as they come into view.
import { pause, send } from "./server.js";

const AT_ONCE = 4;

export class Pictures {
  /** `told(count)` hears how many pages the document has, as soon as that is known. */
  constructor(file, key, told) {
    this.stop = new AbortController();
    Object.assign(this, { file, key, told, signal: this.stop.signal });
    this.urls = new Map();
    this.last = this.own().catch(() => undefined);
  }

  /** The document itself, if it is an image that the browser knows (it turns it by its EXIF, as the server does). */
  async own() {
    if (!this.file.type.startsWith("image/") || this.file.type === "image/tiff") return;
    const url = URL.createObjectURL(this.file);
    const image = new Image();
    image.src = url;
    await image.decode();
    this.urls.set(1, url);
    this.told(1);
  }

  /** The address of a page's picture, or null. One question at a time: each sends the document once more. */
  picture(number) {
    this.last = this.last.catch(() => undefined).then(() => this.urls.has(number) || this.fetch(number));
    return this.last.then(() => this.urls.get(number) ?? null, () => null);
  }

  async fetch(number) {
    const options = { pages: `${number}-${number + AT_ONCE - 1}` };
    for (let tries = 0; ; tries += 1) {
      try {
        const response = await send("/v1/preview", this.file, { options, key: this.key, accept: "application/json", signal: this.signal });
        const { pages, pictures } = await response.json();
        this.told(pages);
        for (const { number: which, media_type: type, data } of pictures) {
          this.urls.set(which, data && URL.createObjectURL(new Blob([bytes(data)], { type })));
        }
        return;
      } catch (error) {
        if (!error.retry || tries > 60) throw error; // busy: readings go first, pictures come when a slot is free
        await pause(Math.min(error.retry, 3), this.signal);
      }
    }
  }

  /** Nobody looks at them any more. */
  close() {
    this.stop.abort();
    for (const url of this.urls.values()) if (url) URL.revokeObjectURL(url);
  }
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
