// A map of the blocks of a volume, read cell by cell with the mouse or the arrow keys.

import {countText, el, sizeText, svg} from "./dom.js";

const kUnitBytes = 4096;
const kLegend = [
  ["data odd", "data (odd session)"], ["data even", "data (even session)"],
  ["shared odd", "shared content"], ["index", "index"], ["label", "label"], ["unused", "unused"],
];

/** The run of equal cells that holds a cell. */
function runAt(map, cell) {
  let begin = 0;
  for (const [count, look, session, damaged] of map.runs) {
    if (cell < begin + count) return {look, session, damaged};
    begin += count;
  }
  return null;
}

function cellText(map, cell) {
  const run = runAt(map, cell);
  const from = cell * map.units_per_cell * kUnitBytes;
  const session = run.session ? ` of session ${run.session}` : "";
  return `From ${sizeText(from)}: ${run.look}${session}${run.damaged ? ", DAMAGED" : ""}`;
}

const moves = (map) => ({
  ArrowRight: 1, ArrowLeft: -1, ArrowDown: map.columns, ArrowUp: -map.columns,
});

function legend(map) {
  return el("p", {class: "legend"},
    kLegend.map(([style, text]) => el("span", {}, el("i", {class: `swatch ${style}`}), text)),
    el("span", {}, el("i", {class: "swatch damage"}, "×"), "damage"),
    el("span", {}, `One cell is ${sizeText(map.units_per_cell * kUnitBytes)}.`));
}

export function picture(map, name) {
  const cells = map.runs.reduce((sum, [count]) => sum + count, 0);
  if (cells === 0) return [el("p", {}, "Nothing is known of its blocks.")];
  const said = el("p", {class: "meta", role: "status"},
    "Point at a cell, or move with the arrow keys, to read it.");
  const cursor = svg("rect", {class: "cursor", width: 1, height: 1, visibility: "hidden"});
  const image = svg("svg", {
    class: "picture", role: "application", tabindex: "0",
    "aria-label": `Map of ${name}, ${countText(cells)} cells; the table of sessions says the same`,
    viewBox: `-0.2 -0.2 ${map.columns + 0.4} ${map.lines + 0.4}`,
  }, map.shapes.map((shape) => svg("path", {class: shape.class, d: shape.path})), cursor);
  let at = 0;
  const read = (cell) => {
    at = Math.max(0, Math.min(cells - 1, cell));
    cursor.setAttribute("x", at % map.columns);
    cursor.setAttribute("y", Math.floor(at / map.columns));
    cursor.setAttribute("visibility", "visible");
    said.textContent = cellText(map, at);
  };
  image.addEventListener("focus", () => read(at));
  image.addEventListener("keydown", (event) => {
    const step = moves(map)[event.key];
    if (step === undefined) return;
    event.preventDefault();
    read(at + step);
  });
  image.addEventListener("pointermove", (event) => {
    const box = image.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / box.width * map.columns);
    const line = Math.floor((event.clientY - box.top) / box.height * map.lines);
    const cell = line * map.columns + column;
    if (column >= 0 && column < map.columns && cell >= 0 && cell < cells) read(cell);
  });
  return [image, said, legend(map)];
}
