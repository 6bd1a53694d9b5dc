// One volume: what it is, a picture of its blocks, its sessions, what verifications found.

import {get} from "./api.js";
import {address, byId, countText, el, sizeText, table, timeText} from "./dom.js";
import {picture} from "./picture.js";
import {health} from "./volumes.js";

const kUnitBytes = 4096;

function facts(volume) {
  const rows = [
    ["Health", health(volume)],
    ["Kept", volume.location || "not said"],
    ["Called", el("span", {class: "path"}, volume.address)],
    ["Used", sizeText(volume.used_bytes)],
    ["Free", volume.free_bytes === undefined ? "not known" : sizeText(volume.free_bytes)],
    ["Set", el("a", {href: address("browse", {set: volume.set})},
      `volume ${volume.sequence} of ${volume.set}`)],
    ["UUID", volume.uuid],
    ["Created", `${timeText(volume.created)} by ${volume.writer}`],
    ["Last read", timeText(volume.updated)],
  ];
  return el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function sessionTable(answer) {
  const rows = new Map(answer.picture.rows.map((row) => [row.session, row]));
  const units = (count) => sizeText((count ?? 0) * kUnitBytes);
  return table("Sessions",
    [["Session", "number"], ["Ended", "time"], ["Kind"], ["Status"], ["Objects", "number"],
      ["Contents", "number"],
      ["Begins at", "number"], ["Data", "number"], ["Shared", "number"], ["Index", "number"]],
    answer.sessions.map((session) => {
      const row = rows.get(session.number) ?? {};
      return [
        el("a", {href: address("browse", {set: answer.volume.set, session: session.number})},
          String(session.number)),
        timeText(session.end), session.kind,
        session.from_records ? `${session.status}, index lost` : session.status,
        countText(session.objects), sizeText(session.content_bytes),
        units(row.first_unit), units(row.data), units(row.shared), units(row.index),
      ];
    }));
}

function verifications(list) {
  if (list.length === 0) return [el("p", {}, "It was never verified.")];
  return [...list].reverse().flatMap((one) => [
    el("p", {}, `${timeText(one.time)}: ${one.text}`),
    one.damages.length > 0
      ? el("ul", {class: "damages"}, one.damages.map((damage) => el("li", {}, damage))) : null,
    one.damage_count > one.damages.length
      ? el("p", {class: "meta"}, `${countText(one.damage_count - one.damages.length)} more`) : null,
  ]);
}

export async function show(parameters) {
  const place = byId("volume");
  const uuid = parameters.get("volume") ?? "";
  try {
    const answer = await get("volume", {volume: uuid});
    // Another one may have been asked for since.
    if (new URLSearchParams(location.hash.split("?")[1] ?? "").get("volume") !== uuid) return;
    byId("volume-heading").textContent = answer.volume.name;
    place.replaceChildren(
      facts(answer.volume),
      el("h2", {}, "Map"), ...picture(answer.picture, answer.volume.name),
      el("h2", {}, "Sessions"), sessionTable(answer),
      el("h2", {}, "Verified"), ...verifications(answer.verifications).filter((one) => one),
      ...(answer.notes.length > 0 ? [el("h2", {}, "Notes")] : []),
      ...answer.notes.map((note) =>
        el("p", {class: "note"}, `${timeText(note.time)}: ${note.text}`)));
  } catch (error) {
    byId("volume-heading").textContent = "Volume";
    place.replaceChildren(el("p", {class: "error", role: "alert"}, error.message));
  }
}
