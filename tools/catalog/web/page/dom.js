// Small means to build what is shown. Text always becomes text, never markup.

/** An element with attributes and children; attributes that are functions are listeners. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** What a line of status says; `failed` in the colour of failures. */
export function say(id, text, failed = false) {
  const status = byId(id);
  status.textContent = text;
  status.classList.toggle("error", failed);
}

const kPrefixes = "KMGTPE";

export function sizeText(bytes) {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  let power = -1;
  while (bytes >= 1023.95 && power < kPrefixes.length - 1) {
    bytes /= 1024;
    power += 1;
  }
  return `${bytes.toFixed(1)} ${kPrefixes[power]}iB`;
}

export const countText = (count) => count.toLocaleString("en");

export function counted(count, one, several = `${one}s`) {
  return `${countText(count)} ${count === 1 ? one : several}`;
}

const two = (number) => String(number).padStart(2, "0");

/** "2026-05-01 12:30" in the time of whoever looks, or seconds beyond the calendar. */
export function timeText(seconds) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `@${seconds}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function typeText(type) {
  return type.replace("_", " ");
}

/** "#browse?set=..." from a view and its parameters; empty ones are left out. */
export function address(view, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== "" && value != null) query.set(name, value);
  }
  const text = query.toString();
  return `#${view}${text ? `?${text}` : ""}`;
}

/** A table that scrolls by itself where it is too wide. Columns: [heading, class]. */
export function table(name, columns, rows) {
  const style = (column) => columns[column][1];
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": name},
    el("table", {},
      el("thead", {}, el("tr", {}, columns.map(([heading, kind]) =>
        el("th", {scope: "col", class: kind}, heading)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, column) =>
        column === 0 ? el("th", {scope: "row", class: style(column)}, cell)
          : el("td", {class: style(column)}, cell)))))));
}
