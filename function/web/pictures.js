// Where pictures come from: an image that the browser can draw is its own picture; of all else the server draws each page,
// and sends its picture ahead of the page's text.

export class Pictures {
  urls = new Map();

  /** The document itself, if it is an image that the browser knows (it turns it by its EXIF, as the server does). */
  async own(file) {
    if (!file.type.startsWith("image/") || file.type === "image/tiff") return false;
    const url = URL.createObjectURL(file);
    const image = new Image();
    image.src = url;
    this.urls.set(1, url);
    return image.decode().then(() => true, () => this.urls.delete(1) && false);
  }

  /** What the server drew; `data` is null where it could not. */
  add({ number, media_type: type, data }) {
    if (data) this.urls.set(number, URL.createObjectURL(new Blob([bytes(data)], { type })));
  }

  /** The address of a page's picture, or null. */
  of(number) {
    return this.urls.get(number) ?? null;
  }

  /** Nobody looks at them any more. */
  close() {
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
  }
}

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
