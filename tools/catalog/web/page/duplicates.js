// Contents that are there several times.

import {isAbort, stream} from "./api.js";
import {address, byId, countText, counted, el, say, sizeText} from "./dom.js";
import {hitLine} from "./search.js";

const kLimit = 100;

const list = byId("duplicates");
let running = null;

function groupLine(group) {
  const hidden = group.count - group.versions.length;
  return el("li", {},
    el("strong", {}, `${countText(group.count)} × ${sizeText(group.size)}`),
    el("span", {class: "meta"}, ` · ${sizeText((group.count - 1) * group.size)} in further copies`),
    el("ul", {class: "hits"}, group.versions.map(hitLine)),
    hidden > 0 ? el("p", {class: "meta"}, `and ${counted(hidden, "further path")}`) : null);
}

export async function show(parameters) {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const size = parameters.get("min_size") ?? "";
  byId("duplicates-size").value = size;
  list.replaceChildren();
  say("duplicates-status", "Looking…");
  try {
    const end = await stream("duplicates", {min_size: size, limit: kLimit}, mine.signal,
      (groups) => list.append(...groups.map(groupLine)));
    const found = end.groups === 0 ? "No content stands under more than one path."
      : `${counted(end.groups, "content")}.`;
    say("duplicates-status", end.more ? `The ${countText(end.groups)} that hold most.` : found);
  } catch (error) {
    if (!isAbort(error)) say("duplicates-status", error.message, true);
  }
}

export function leave() {
  running?.abort();
}

byId("duplicates-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const target = address("duplicates", {min_size: byId("duplicates-size").value.trim()});
  if (location.hash === target) show(new URLSearchParams(target.split("?")[1] ?? ""));
  else location.hash = target;
});
