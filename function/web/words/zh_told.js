// What the server says in sentences of its own, in Chinese: reasons, warnings, details. Refusals have a type, these have
// nothing but their English; a test finds each of them in the program. `{}` is what the server fills in.
const SENTENCES = {
  // Why a page was read as it was.
  "an image has no text layer": "图片没有文字层",
  "the page is blank": "这一页是空白的",
  "the page has no text layer": "这一页没有文字层",
  "the text layer cannot be taken out ({})": "文字层无法取出（{}）",
  "the text layer falls into {} pieces, more than a page of text has": "文字层碎成 {} 段，多得不像一页文字",
  "the page shows nothing; its text layer is hidden": "页面上什么也看不到，文字层是隐藏的",
  "nobody sees the text layer (a scan's, or hidden text)": "文字层在页面上看不到（来自扫描件，或是隐藏文字）",
  "{} of the text layer's characters are not seen on the page": "文字层中 {} 的字符在页面上看不到",
  "{} of the text layer's characters have no known meaning": "文字层中 {} 的字符含义不明",
  "{} of what looks like text is not in the text layer": "看似文字的内容中有 {} 不在文字层里",
  "the page also shows {}": "页面上还有{}",
  "what looks like {} words outside its text layer": "大约 {} 个不在文字层里的词",
  "{} characters that nobody sees were left out": "略去了 {} 个看不到的字符",
  "the text layer accounts for what is seen": "文字层与所见一致",
  "lines drawn at random read the same": "随机抽查的几行与图像一致",
  "no line of it could be checked with the engine": "没有一行能用引擎核对",
  "the engine reads lines of this page differently from its text layer": "引擎读出的几行与本页文字层不同",
  "the engine reads lines drawn at random differently from the text layer": "随机抽查的几行与文字层不同",
  "its script is not the fast engine's": "快速引擎不识这种文字",
  "{} of its text was read with doubt": "有 {} 的文字识别得没有把握",
  "{} of what looks like text was not read": "看似文字的内容中有 {} 没有读出",
  "tables of {} cells": "表格共 {} 格",
  "formulas in {} lines": "{} 行含有公式",
  "print of {} pixels": "小字只有 {} 像素高",
  "nothing to read was found on it": "没有找到可读的内容",
  "the page could not be read": "这一页无法识别",
  // Why it was read less well than it needs.
  "there was no time left for the accurate engine": "没有时间再用精确引擎",
  "which takes {} s now": "它现在需要 {} 秒",
  "the accurate engine is not available ({}: {})": "精确引擎暂不可用（{}：{}）",
  "the accurate engine cannot read this page ({}); less stands here": "精确引擎读不了这一页（{}），这里是较粗略的结果",
  // What a careful reader should know.
  "degraded: pages {} need the accurate rung and did not get it: {}": "第 {} 页需要精确引擎但没有用上：{}",
  "page {} is damaged: a part of its picture may be missing": "第 {} 页已损坏：图像可能缺了一部分",
  "page {} bears warnings: see pages[].warnings": "第 {} 页有提示，见该页",
  "pages {} bear warnings: see pages[].warnings": "第 {} 页有提示，见各页",
  "this {} holds several pictures; only the first was read": "这个 {} 文件含有多幅图像，只读了第一幅",
  "what follows page {} is damaged, or of a kind that is not read; it was left out ({})":
    "第 {} 页之后的内容已损坏或类型不受支持，已略去（{}）",
  "This is an XFA form: only the static pages that it shows without its script were read.":
    "这是 XFA 表单：只读了不运行脚本时显示的静态页面。",
  "the file does not tell which characters {} of its glyphs are; they stand as \ufffd (U+FFFD): ocr=always reads them from the page as drawn":
    "文件没有说明其中 {} 个字形是什么字符，它们显示为 \ufffd",
  "{} of {} lines found on the page were not read, or with doubt: their script or some of its letters may be unknown to the fast engine (it reads Latin, Han and kana), or the picture too poor":
    "页面上找到的 {} 行（共 {} 行）没有读出，或没有把握：快速引擎可能不识这种文字或其中一些字母（它读拉丁字母、汉字和假名），也可能图像太差",
  "the page is far longer than wide and was read in {} parts": "页面过长，分成 {} 段识别",
  // Where a start stands.
  "draining": "服务器正在关闭",
  "warming: {}": "正在启动",
  "the start failed at {}; the log tells why": "启动失败（{}），原因见服务器日志",
  "the engine has stopped": "识别引擎已停止",
  // What a visitor's documents are refused for.
  "the content is neither a PDF nor an image of a known kind, whatever its name says": "内容既不是 PDF，也不是已知类型的图片",
  "the PDF cannot be opened: its structure is damaged beyond repair": "PDF 无法打开：结构损坏，无法修复",
  "the PDF has no pages": "PDF 没有页面",
  "the PDF is encrypted and does not open with an empty password": "PDF 已加密，不用密码打不开",
  "the PDF is encrypted in a way that cannot be opened here (for a certificate, say)": "PDF 的加密方式（如证书）在这里打不开",
  "page {} cannot be loaded: its objects are damaged or missing": "第 {} 页无法打开：其内容已损坏或缺失",
  "page {}: the picture's data is damaged, nothing of it could be read": "第 {} 页：图像数据已损坏，什么也读不出来",
  "page {}: the picture's data is damaged ({})": "第 {} 页：图像数据已损坏（{}）",
  "page {}: its picture is damaged, and no text was found in what is left of it": "第 {} 页：图像已损坏，剩下的部分里没有文字",
  "the {} image cannot be opened: {}": "{} 图片无法打开：{}",
  "its header is damaged, or it keeps its pixels in a way that is not read here": "文件头已损坏，或像素格式不受支持",
  "the PDF has {} pages; the limit is {} (OCR_MAX_PAGES), however few are asked for": "PDF 有 {} 页，上限是 {} 页（OCR_MAX_PAGES）",
  "the TIFF has more than {} frames, the limit (OCR_MAX_PAGES)": "TIFF 超过 {} 帧，这是上限（OCR_MAX_PAGES）",
  "every slot is taken (OCR_SLOTS is {}); callers that wait already: {}": "所有名额都在使用（OCR_SLOTS 为 {}），已有 {} 个请求在等待",
  "the answer was not ready within {} s (OCR_REQUEST_SECONDS, or less by Prefer: wait)": "没能在 {} 秒内完成（OCR_REQUEST_SECONDS）",
  "the engine failed ({}); the log tells why": "识别引擎出错（{}），原因见服务器日志",
};
const MARKS = { ";": "；", ",": "，" };
const KNOWN = Object.entries(SENTENCES).map(([english, words]) => {
  const pattern = english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "(.+?)");
  return [new RegExp(`^${pattern}(?:([;,]) (.+))?$`, "s"), words];
});

/** A sentence, or several behind one another; what is not known stands as it came. */
export function chinese(prose) {
  for (const [pattern, words] of KNOWN) {
    const found = prose.match(pattern);
    if (!found) continue;
    const [mark, rest] = found.slice(-2);
    const filled = found.slice(1, -2).reduce((all, field) => all.replace("{}", () => chinese(field)), words);
    return rest ? filled + MARKS[mark] + chinese(rest) : filled;
  }
  return prose;
}
