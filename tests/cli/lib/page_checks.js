// Run in a page under test. Text that stands out too little from what is behind it, and whatever
// is wider than the window.

function parts(color) {
  const numbers = color.match(/[\d.]+/g).map(Number);
  return {red: numbers[0], green: numbers[1], blue: numbers[2], alpha: numbers[3] ?? 1};
}

function behind(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = parts(getComputedStyle(at).backgroundColor);
    if (color.alpha === 1) return color;
  }
  return {red: 255, green: 255, blue: 255};
}

function luminance({red, green, blue}) {
  const linear = [red, green, blue].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function faintTexts() {
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (text.data.trim() === "") continue;
    if (element.closest("script, style, noscript, .unseen, [disabled]")) continue;
    if (element.getClientRects().length === 0) continue;
    const lights = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${text.data.trim().slice(0, 40)}`);
  }
  return faint;
}

function unnamed() {
  return [...document.querySelectorAll("a, button, input, select, [role='treeitem'], [role='img']")]
    .filter((one) => one.getClientRects().length > 0)
    .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() ||
      (one.labels && one.labels.length > 0)))
    .map((one) => one.outerHTML.slice(0, 80));
}

return {
  faint: faintTexts(),
  unnamed: unnamed(),
  tooWide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  intruders: document.querySelectorAll(
    "body script, body b, img[onerror], img:not([src='/icon.svg']), [onload], [onclick]").length,
  title: document.title,
};
