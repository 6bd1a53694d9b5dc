// The tree of sets, sessions and directories. What is in a node is asked for when it is opened.

import {catalogue, get} from "./api.js";
import {address, byId, counted, el, say, sizeText, timeText, typeText} from "./dom.js";
import * as basket from "./basket.js";

const kPage = 500;
/** So much of a directory is looked through for what an address names. */
const kMostPagesToFind = 10;

const tree = byId("tree");
const details = byId("details");
/** What stands behind each item: {load, item, rows, opened, loading}. */
const nodes = new WeakMap();

const children = (item) => item.querySelector(":scope > [role='group']");
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";

function makeItem(name, meta, node) {
  const item = el("li", {role: "treeitem", tabindex: "-1", "aria-selected": "false"},
    el("div", {class: "row"}, el("span", {class: "name"}, name),
      el("span", {class: "meta"}, meta)));
  // Without it the name would be that of everything below, too.
  item.setAttribute("aria-label", meta ? `${name}, ${meta}` : name);
  if (node.load) item.setAttribute("aria-expanded", "false");
  nodes.set(item, node);
  return item;
}

const lastPart = (path) => path.slice(path.lastIndexOf("/") + 1);

function entryItem(place, entry) {
  const isDirectory = entry.type === "directory";
  const other = isDirectory ? "" : typeText(entry.type);
  const meta = entry.type === "file" ? sizeText(entry.size) : other;
  return makeItem(lastPart(entry.path), meta, {
    id: entry.id,
    entry,
    place,
    rows: () => entryRows(entry),
    basket: basket.itemOf(place.set, place.session, entry),
    load: isDirectory ? (item) => loadDirectory(item, place, entry.id, 0) : null,
  });
}

function entryRows(entry) {
  const rows = [["Path", el("span", {class: "path"}, entry.path)], ["Type", typeText(entry.type)]];
  if (entry.type === "file") rows.push(["Size", sizeText(entry.size)]);
  if (entry.session) {
    rows.push(["Changed", timeText(entry.mtime)], ["Owner", `${entry.uid}/${entry.gid}`]);
  }
  if (entry.target) rows.push(["Links to", el("span", {class: "path"}, entry.target)]);
  if (entry.status) rows.push(["State", entry.status]);
  for (const volume of entry.volumes ?? []) {
    rows.push(["Volume", el("a", {href: address("volume", {volume: volume.uuid})}, volume.name)]);
    if (volume.location) rows.push(["Kept", volume.location]);
  }
  if (entry.session) rows.push(["Session", String(entry.session)]);
  return rows;
}

async function loadDirectory(item, place, id, offset) {
  const answer = await get("list",
    {set: place.set, session: place.session, path: id, offset, limit: kPage});
  const items = answer.entries.map((entry) => entryItem(place, entry));
  const end = answer.offset + answer.entries.length;
  if (end < answer.total) {
    const rest = counted(answer.total - end, "further entry", "further entries");
    items.push(makeItem("Show more", rest, {
      more: (button) => loadDirectory(item, place, id, end).then((further) => {
        button.replaceWith(...further);
        return further[0];
      }),
    }));
  }
  return items;
}

function stateItem(set, session, name, meta) {
  const place = {set: set.uuid, session};
  const whole = {id: "", path: `all of ${set.name}${session ? `, session ${session}` : ""}`,
    type: "directory", size: 0};
  return makeItem(name, meta, {
    state: session,
    rows: () => [["Set", set.name], ["What", name]],
    basket: basket.itemOf(set.uuid, session, whole),
    load: (item) => loadDirectory(item, place, "", 0),
  });
}

function setItem(set) {
  const sessions = set.sessions.map((session) => stateItem(set, session.number,
    `Session ${session.number}`,
    `${timeText(session.end)}, ${counted(session.objects, "object")}`)).reverse();
  return makeItem(set.name,
    `${counted(set.volumes, "volume")}, ${counted(set.sessions.length, "session")}`, {
      set: set.uuid,
      rows: () => [["Set", set.name], ["UUID", set.uuid],
        ["Volumes", String(set.volumes)], ["Sessions", String(set.sessions.length)]],
      load: async () => [stateItem(set, null, "Newest state", ""), ...sessions],
    });
}

async function open(item) {
  const node = nodes.get(item);
  if (!node.load || isOpen(item)) return;
  if (!children(item)) {
    item.setAttribute("aria-busy", "true");
    node.loading ??= node.load(item).finally(() => {
      node.loading = null;
      item.removeAttribute("aria-busy");
    });
    const items = await node.loading;
    if (!children(item)) item.append(el("ul", {role: "group"}, items));
    if (items.length === 0) say("browse-status", "Nothing is in it.");
  }
  children(item).hidden = false;
  item.setAttribute("aria-expanded", "true");
}

function close(item) {
  if (!isOpen(item)) return;
  children(item).hidden = true;
  item.setAttribute("aria-expanded", "false");
}

function showDetails(item) {
  const node = nodes.get(item);
  if (!node.rows) {
    details.replaceChildren();
    return;
  }
  const rows = node.rows().flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  details.replaceChildren(el("dl", {}, rows));
  if (node.basket) details.append(basket.toggle(el("button"), node.basket));
}

function select(item, focus = true) {
  for (const old of tree.querySelectorAll("[aria-selected='true']")) {
    old.setAttribute("aria-selected", "false");
    old.tabIndex = -1;
  }
  item.setAttribute("aria-selected", "true");
  item.tabIndex = 0;
  if (focus) {
    item.focus();
    item.firstElementChild.scrollIntoView({block: "nearest"});
  }
  showDetails(item);
}

async function attempt(work) {
  say("browse-status", "");
  try {
    return await work();
  } catch (error) {
    say("browse-status", error.message, true);
    return null;
  }
}

const shownItems = () => [...tree.querySelectorAll("[role='treeitem']")].filter(
  (item) => item.closest("[role='group'][hidden]") === null);
const parentOf = (item) => item.parentElement.closest("[role='treeitem']");

async function activate(item) {
  const node = nodes.get(item);
  if (node.more) {
    const first = await attempt(() => node.more(item));
    if (first) select(first);
  } else if (isOpen(item)) {
    close(item);
  } else {
    await attempt(() => open(item));
  }
}

const keys = {
  ArrowDown: (item, items) => items[items.indexOf(item) + 1],
  ArrowUp: (item, items) => items[items.indexOf(item) - 1],
  Home: (item, items) => items[0],
  End: (item, items) => items[items.length - 1],
  ArrowRight: (item) => {
    if (isOpen(item)) return children(item).firstElementChild;
    attempt(() => open(item));
    return null;
  },
  ArrowLeft: (item) => {
    if (!isOpen(item)) return parentOf(item);
    close(item);
    return null;
  },
  Enter: (item) => void activate(item),
  " ": (item) => void activate(item),
  b: (item) => void (nodes.get(item).basket && details.querySelector("button").click()),
};

tree.addEventListener("keydown", (event) => {
  const item = event.target.closest("[role='treeitem']");
  if (!item || !(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = keys[event.key](item, shownItems());
  if (next) select(next);
});

tree.addEventListener("click", (event) => {
  const item = event.target.closest("[role='treeitem']");
  if (!item || !event.target.closest(".row")) return;
  select(item);
  activate(item);
});

/** The ids of the directories above a path, and its own: ids are its bytes in base64url. */
function idsAlong(id) {
  const bytes = atob(id.replaceAll("-", "+").replaceAll("_", "/"));
  const ids = [];
  for (let at = bytes.indexOf("/"); at >= 0; at = bytes.indexOf("/", at + 1)) {
    const above = btoa(bytes.slice(0, at)).replaceAll("=", "");
    ids.push(above.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...ids, id];
}

async function findChild(parent, matches) {
  await open(parent);
  for (let page = 0; page < kMostPagesToFind; ++page) {
    const items = [...children(parent).children];
    const found = items.find((item) => matches(nodes.get(item)));
    if (found) return found;
    const last = items.at(-1);
    if (!last || !nodes.get(last).more) return null;
    await nodes.get(last).more(last);
  }
  return null;
}

/** Opens the tree down to what the address names. */
async function reveal(parameters) {
  let item = [...tree.children].find((one) => nodes.get(one).set === parameters.get("set"));
  if (!item) throw new Error("the set is not in this catalogue");
  const session = parameters.get("session");
  const state = session ? Number(session) : null;
  const steps = [(node) => node.state === state];
  const path = parameters.get("path");
  if (path) steps.push(...idsAlong(path).map((id) => (node) => node.id === id));
  for (const step of steps) {
    const next = await findChild(item, step);
    if (!next) {
      select(item);
      throw new Error("what the address names is not here; this is the nearest above it");
    }
    item = next;
  }
  select(item);
}

export async function show(parameters) {
  await attempt(async () => {
    const {sets} = await catalogue();
    const known = [...tree.children].map((item) => nodes.get(item).set).join();
    if (tree.childElementCount === 0 || known !== sets.map((set) => set.uuid).join()) {
      tree.replaceChildren(...sets.map(setItem));
    }
    if (sets.length === 0) say("browse-status", "The catalogue has no volumes yet.");
    else if (parameters.get("set")) await reveal(parameters);
    else if (!tree.querySelector("[tabindex='0']")) select(tree.firstElementChild, false);
  });
}
