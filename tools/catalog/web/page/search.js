// The search box: results while one types, and filters.

import {catalogue, isAbort, stream} from "./api.js";
import {address, byId, countText, counted, el, say, sizeText, timeText, typeText} from "./dom.js";
import * as basket from "./basket.js";

const kDelayMs = 150;
const kFirst = 200;
const kMost = 5000;

const form = byId("search-form");
const hits = byId("hits");
const more = byId("more");
let limit = kFirst;
let timer = 0;
let running = null;
let asked = "";

const fields = () => [...form.elements].filter((field) => field.name);

/** What is in the fields, as the address has it. */
function entered() {
  const values = {};
  for (const field of fields()) {
    const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
    if (value !== "") values[field.name] = value;
  }
  return values;
}

function enter(parameters) {
  for (const field of fields()) {
    const value = parameters.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value === "1";
    else field.value = value;
  }
  const filtered = [...parameters.keys()].some((name) => name !== "q");
  if (filtered) byId("filters").open = true;
}

/** Midnight at the beginning of a day of the calendar, in seconds. */
function dayStart(text, further) {
  const [year, month, day] = text.split("-").map(Number);
  const start = new Date(year, month - 1, day + further);
  return Math.max(0, Math.floor(start.getTime() / 1000));
}

/** What the catalogue is asked for what was entered. */
function question(values) {
  const {from, until, ...others} = values;
  return {
    ...others,
    from: from ? dayStart(from, 0) : "",
    before: until ? dayStart(until, 1) : "",
    limit,
  };
}

/** The line of a version: in results, and in lists of duplicates. */
export function hitLine(hit) {
  const isFile = hit.type !== "directory";
  // A file is meant as it was found, a directory as it is now.
  const item = basket.itemOf(hit.set, isFile ? hit.session : null, hit);
  const places = hit.volumes.flatMap((volume, index) => [
    index > 0 ? " and " : " · ",
    el("a", {href: address("volume", {volume: volume.uuid})}, volume.name),
    volume.location ? ` (${volume.location})` : "",
  ]);
  return el("li", {},
    el("a", {class: "path", href: address("browse", {set: hit.set, session: hit.session,
      path: hit.id})}, hit.path),
    el("span", {class: "meta"}, hit.type === "file" ? sizeText(hit.size) : typeText(hit.type),
      ` · ${timeText(hit.mtime)}`, places, `, session ${hit.session}`,
      hit.target ? ` · links to ${hit.target}` : "", hit.status ? ` · ${hit.status}` : ""),
    basket.toggle(el("button"), item));
}

function describe(end) {
  const found = end.hits === 0 ? "Nothing found." : `${counted(end.hits, "hit")}`;
  if (!end.more) return end.hits === 0 ? found : `${found}.`;
  return end.hits >= kMost ? `The first ${countText(end.hits)} hits; narrow the search for others.`
    : `The first ${countText(end.hits)} hits.`;
}

async function run() {
  running?.abort();
  const values = entered();
  asked = address("search", values);
  history.replaceState(null, "", asked);
  more.hidden = true;
  if (Object.keys(values).length === 0) {
    running = null;
    hits.replaceChildren();
    hits.removeAttribute("aria-busy");
    say("search-status", "");
    return;
  }
  const mine = new AbortController();
  running = mine;
  hits.setAttribute("aria-busy", "true");
  say("search-status", "Searching…");
  let fresh = true;
  const take = (found) => {
    if (mine.signal.aborted) return;
    // What was found before stays until there is something else to see.
    if (fresh) hits.replaceChildren();
    fresh = false;
    hits.append(...found.map(hitLine));
  };
  try {
    const end = await stream("find", question(values), mine.signal, take);
    if (mine.signal.aborted) return;
    if (fresh) hits.replaceChildren();
    say("search-status", describe(end));
    more.hidden = !end.more || end.hits >= kMost;
  } catch (error) {
    if (isAbort(error) || mine.signal.aborted) return;
    hits.replaceChildren();
    say("search-status", error.message, true);
  }
  hits.removeAttribute("aria-busy");
}

function soon() {
  limit = kFirst;
  clearTimeout(timer);
  timer = setTimeout(run, kDelayMs);
}

function now() {
  clearTimeout(timer);
  run();
}

/** Moves among the box and the results. */
function step(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp" && event.key !== "b") return;
  const line = event.target.closest("#hits > li");
  if (event.key === "b") {
    if (line) line.querySelector("button").click();
    return;
  }
  const down = event.key === "ArrowDown";
  if (!line && !(down && event.target === byId("q"))) return;
  event.preventDefault();
  const next = line ? (down ? line.nextElementSibling : line.previousElementSibling)
    : hits.firstElementChild;
  if (next) next.querySelector(".path").focus();
  else if (!down) byId("q").focus();
}

async function offerVolumes(chosen) {
  const choice = byId("volume-filter");
  const {volumes} = await catalogue();
  choice.replaceChildren(el("option", {value: ""}, "all"),
    ...volumes.map((volume) => el("option", {value: volume.uuid}, volume.name)));
  choice.value = chosen;
}

form.addEventListener("input", soon);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  now();
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  enter(new URLSearchParams({q: byId("q").value}));
  soon();
});
byId("view-search").addEventListener("keydown", step);
more.addEventListener("click", () => {
  limit = Math.min(kMost, limit * 5);
  const shown = hits.childElementCount;
  run().then(() => hits.children[shown]?.querySelector(".path").focus());
});

/** The search as it was left. */
export const lastAddress = () => asked || "#search";

export async function show(parameters, changed) {
  if (changed) byId("q").focus();
  // The link in the head of the page leads back to what was looked for last.
  if (changed && asked && location.hash === "#search") {
    history.replaceState(null, "", asked);
    parameters = new URLSearchParams(asked.split("?")[1] ?? "");
  }
  enter(parameters);
  try {
    await offerVolumes(parameters.get("volume") ?? "");
  } catch (error) {
    say("search-status", error.message, true);
    return;
  }
  if (!byId("view-search").hidden) run();
}

export function leave() {
  clearTimeout(timer);
  running?.abort();
}
