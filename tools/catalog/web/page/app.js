// Shows the view that the address names, and keeps the keys that work everywhere.

import {catalogue, forgetCatalogue} from "./api.js";
import {byId} from "./dom.js";
import * as basket from "./basket.js";
import * as browse from "./browse.js";
import * as duplicates from "./duplicates.js";
import * as needs from "./needs.js";
import * as search from "./search.js";
import * as volume from "./volume.js";
import * as volumes from "./volumes.js";

const views = {search, browse, volumes, volume, duplicates, basket: needs};
const titles = {
  search: "Search", browse: "Browse", volumes: "Volumes", volume: "Volume",
  duplicates: "Duplicates", basket: "Basket",
};
let current = "";

function readAddress() {
  const [name, query] = location.hash.slice(1).split("?", 2);
  return [name in views ? name : "search", new URLSearchParams(query ?? "")];
}

function show() {
  const [name, parameters] = readAddress();
  const changed = name !== current;
  if (changed && current) views[current].leave?.();
  current = name;
  for (const view of Object.keys(views)) byId(`view-${view}`).hidden = view !== name;
  for (const link of document.querySelectorAll("nav a")) {
    const target = link.getAttribute("href").slice(1);
    const here = target === name || (target === "volumes" && name === "volume");
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${titles[name]} · Catalogue`;
  if (changed && name !== "search") forgetCatalogue();
  views[name].show(parameters, changed);
}

function isTyping(target) {
  return target.closest("input, select, textarea") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  event.preventDefault();
  if (current !== "search") location.hash = search.lastAddress();
  // The view is shown when the address has changed.
  setTimeout(() => byId("q").select(), 0);
  byId("q").focus();
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("content").focus();
});

window.addEventListener("hashchange", show);
basket.watch((items) => {
  byId("basket-count").textContent = items.length;
});
catalogue().then((answer) => {
  byId("catalog").textContent = answer.catalog;
}, () => {
  // The view that is shown says what failed.
});
show();
