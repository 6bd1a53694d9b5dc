// What is in the basket, the volumes it needs in their order, and the command line.

import {catalogue, get, isAbort} from "./api.js";
import {byId, counted, el, say, sizeText, typeText} from "./dom.js";
import * as basket from "./basket.js";

/** An address may be some thousand characters long: more paths are asked for in several turns. */
const kMostIdCharacters = 6000;

const place = byId("basket-needs");
let running = null;
let shown = false;

function groups(items) {
  const found = new Map();
  for (const item of items) {
    const key = `${item.set} ${item.session ?? ""}`;
    if (!found.has(key)) found.set(key, {set: item.set, session: item.session, items: []});
    found.get(key).items.push(item);
  }
  return [...found.values()];
}

function turns(items) {
  const lists = [[]];
  let length = 0;
  for (const {id} of items) {
    if (length + id.length > kMostIdCharacters && lists.at(-1).length > 0) {
      lists.push([]);
      length = 0;
    }
    lists.at(-1).push(id);
    length += id.length + "&path=".length;
  }
  return lists;
}

/** The answers of several turns as one. */
function join(answers) {
  const volumes = new Map();
  for (const volume of answers.flatMap((answer) => answer.volumes)) {
    const known = volumes.get(volume.uuid);
    if (!known) {
      volumes.set(volume.uuid, {...volume});
      continue;
    }
    known.sessions = [...new Set([...known.sessions, ...volume.sessions])].sort((a, b) => a - b);
    known.objects += volume.objects;
    known.content_bytes += volume.content_bytes;
  }
  const sum = (field) => answers.reduce((total, answer) => total + answer[field], 0);
  const all = (field) => [...new Set(answers.flatMap((answer) => answer[field]))];
  return {
    // No words: everything is wanted, whatever else is.
    words: answers.some((answer) => answer.words.length === 0) ? [] : all("words"),
    volumes: [...volumes.values()].sort((a, b) => a.sequence - b.sequence),
    objects: sum("objects"), content_bytes: sum("content_bytes"),
    unmatched: all("unmatched"), missing: all("missing"),
  };
}

async function needsOf(group, signal) {
  const whole = group.items.some((item) => item.id === "");
  const answers = [];
  for (const ids of whole ? [[""]] : turns(group.items)) {
    answers.push(await get("needs", {set: group.set, session: group.session,
      path: ids.map((id) => id || "Lg")}, signal));
  }
  return {...join(answers), session: group.session};
}

/** For bash, zsh and others: the server has quoted each word. */
function commandOf(needs) {
  const addresses = needs.volumes.map((volume) => volume.word);
  const oneDrive = new Set(addresses).size < addresses.length;
  const words = ["tapir", "restore"];
  if (oneDrive) words.push(addresses.at(-1));
  else words.push(addresses[0], ...addresses.slice(1).flatMap((word) => ["--next", word]));
  words.push("-C", "restored");
  if (needs.session !== null) words.push("--session", String(needs.session));
  return {text: [...words, ...needs.words].join(" "), oneDrive};
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "The browser does not allow it: select and copy";
  }
}

function commandBlock(needs) {
  const {text, oneDrive} = commandOf(needs);
  const last = needs.volumes.at(-1);
  return [
    oneDrive ? el("p", {}, `With one drive: put in ${last.name} first; the others are asked for.`)
      : null,
    el("pre", {tabindex: "0"}, el("code", {}, text)),
    el("p", {}, el("button", {type: "button", click: (event) => copy(event.target, text)}, "Copy")),
  ];
}

function volumeLine(volume) {
  return el("li", {}, el("strong", {}, volume.name),
    volume.location ? ` · kept: ${volume.location}` : "",
    el("span", {class: "meta"},
      ` · ${volume.sessions.length === 1 ? "session" : "sessions"} ${volume.sessions.join(", ")}` +
      ` · ${counted(volume.objects, "object")}, ${sizeText(volume.content_bytes)}`));
}

function present(all) {
  const mounts = [];
  for (const volume of all.flatMap((needs) => needs.volumes)) {
    const known = mounts.find((one) => one.uuid === volume.uuid);
    if (!known) {
      mounts.push({...volume});
      continue;
    }
    known.sessions = [...new Set([...known.sessions, ...volume.sessions])].sort((a, b) => a - b);
    known.objects += volume.objects;
    known.content_bytes += volume.content_bytes;
  }
  const sum = (field) => all.reduce((total, needs) => total + needs[field], 0);
  const warnings = all.flatMap((needs) => [
    ...needs.unmatched.map((pattern) => `${pattern} is not there any more`),
    ...needs.missing.map((text) => `on no volume of the catalogue: ${text}`),
  ]);
  const commands = all.filter((needs) => needs.volumes.length > 0);
  place.replaceChildren(
    el("h2", {}, `Volumes needed: ${counted(mounts.length, "mount")}`),
    el("p", {}, `${counted(sum("objects"), "object")}, ${sizeText(sum("content_bytes"))}, ` +
      "in this order:"),
    el("ol", {}, mounts.map(volumeLine)),
    ...warnings.map((text) => el("p", {class: "error"}, text)),
    el("h2", {}, commands.length === 1 ? "Command" : "Commands"),
    ...commands.flatMap(commandBlock).filter((block) => block));
}

async function nameOf(item) {
  try {
    const {sets} = await catalogue();
    return sets.find((set) => set.uuid === item.set)?.name ?? "a set that is not in this catalogue";
  } catch {
    return item.set;
  }
}

function itemLine(item) {
  const where = el("span", {class: "meta"});
  nameOf(item).then((name) => {
    const size = item.type === "file" ? `, ${sizeText(item.size)}` : "";
    const state = item.session === null ? "newest state" : `session ${item.session}`;
    where.textContent = `${typeText(item.type)}${size} · ${name}, ${state}`;
  });
  const remove = el("button", {type: "button", "aria-label": `Remove ${item.path} from the basket`,
    click: () => basket.remove(item)}, "Remove");
  return el("li", {}, el("span", {class: "path"}, item.path), where, remove);
}

async function update(items) {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const list = byId("basket-items");
  const at = [...list.children].indexOf(document.activeElement?.closest("#basket-items > li"));
  list.replaceChildren(...items.map(itemLine));
  // Who removes one by one stays where they are.
  if (at >= 0) {
    const next = list.children[at] ?? list.lastElementChild;
    (next?.querySelector("button") ?? byId("content")).focus();
  }
  byId("basket-clear").hidden = items.length === 0;
  if (items.length === 0) {
    place.replaceChildren();
    say("basket-status", "Nothing is in it. Search or browse, and add what shall be restored.");
    return;
  }
  say("basket-status", counted(items.length, "item"));
  try {
    const all = [];
    for (const group of groups(items)) all.push(await needsOf(group, mine.signal));
    if (!mine.signal.aborted) present(all);
  } catch (error) {
    if (isAbort(error)) return;
    place.replaceChildren();
    say("basket-status", error.message, true);
  }
}

export function show() {
  shown = true;
  update(basket.contents());
}

export function leave() {
  shown = false;
  running?.abort();
}

basket.watch((items) => {
  if (shown) update(items);
});
byId("basket-clear").addEventListener("click", () => {
  basket.clear();
  byId("content").focus();
});
