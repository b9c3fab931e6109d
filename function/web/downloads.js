// The answer as a file. What stands in it already is written here; every other format is asked of the server.
import { send } from "./server.js";
import { say, word } from "./words.js";

const SUFFIX = { markdown: "md", text: "txt", hocr: "hocr.html", alto: "alto.xml" };
const OWN = {
  json: (result) => JSON.stringify(result),
  markdown: (result) => result.markdown,
  text: (result) => result.pages.map(written).join("\f") + "\n",
};

/** As the server writes it: a blank line between blocks, a form feed between pages. */
function written(page) {
  const texts = page.blocks.map((block) => block.text.replace(/^\n+|\n+$/g, ""));
  return texts.filter((text) => text.trim()).join("\n\n");
}

const called = (format) => word(`format_${format.name}`) ?? format.name;

/** A button a format, each of no use while there is no `result`; `tell(name, fields)` hears how it goes. */
export function downloads(formats, { file, result, wishes }, tell, failed) {
  return formats.map((format) => {
    const button = say(document.createElement("button"), () => called(format));
    say(button, () => word("download_as", { format: called(format) }), "aria-label");
    button.type = "button";
    button.ariaDisabled = !result; // really disabled, it would lose the keyboard's focus while its file is made
    button.addEventListener("click", async () => {
      if (button.ariaDisabled === "true") return;
      button.ariaDisabled = true;
      try {
        const name = `${file.name}.${SUFFIX[format.name] ?? format.name}`;
        save(await made(format, file, result, wishes, tell), name);
        tell("downloaded", { name });
      } catch (problem) {
        tell();
        failed(problem);
      } finally {
        button.ariaDisabled = false;
      }
    });
    return button;
  });
}

async function made(format, file, result, { options, key }, tell) {
  if (OWN[format.name]) return new Blob([OWN[format.name](result)], { type: format.media_type });
  tell("downloading", { format: called(format) });
  const response = await send("/v1/parse", file, { options: { ...options, format: format.name }, key, accept: "*/*" });
  return response.blob();
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
