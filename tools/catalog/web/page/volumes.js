// The list of volumes.

import {catalogue} from "./api.js";
import {address, byId, countText, el, sizeText, table, timeText} from "./dom.js";

const kColumns = [
  ["Volume"], ["Health"], ["Kept"], ["Last verified", "time"], ["Used", "number"],
  ["Free", "number"], ["Sessions", "number"], ["Objects", "number"],
];

export const health = (volume) =>
  el("span", {class: `health ${volume.health}`}, volume.health_text);

function line(volume) {
  return [
    el("a", {href: address("volume", {volume: volume.uuid})}, volume.name),
    health(volume),
    volume.location,
    volume.verified === undefined ? "never" : timeText(volume.verified),
    sizeText(volume.used_bytes),
    volume.free_bytes === undefined ? "not known" : sizeText(volume.free_bytes),
    countText(volume.sessions),
    countText(volume.objects),
  ];
}

export async function show() {
  const list = byId("volume-list");
  try {
    const {volumes} = await catalogue();
    list.replaceChildren(volumes.length === 0
      ? el("p", {}, "The catalogue has no volumes yet.")
      : table("Volumes", kColumns, volumes.map(line)));
  } catch (error) {
    list.replaceChildren(el("p", {class: "error", role: "alert"}, error.message));
  }
}
