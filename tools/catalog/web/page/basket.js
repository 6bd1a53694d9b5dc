// What shall be restored: kept by the browser, for this address of the catalogue.

const kKey = "tapir-basket";
const watchers = [];
let items = read();

function isItem(item) {
  return typeof item === "object" && item !== null && typeof item.set === "string" &&
    typeof item.id === "string" && typeof item.path === "string" &&
    (item.session === null || Number.isInteger(item.session));
}

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(kKey) ?? "[]");
    return Array.isArray(found) ? found.filter(isItem) : [];
  } catch {
    return [];
  }
}

function changed() {
  try {
    localStorage.setItem(kKey, JSON.stringify(items));
  } catch {
    // A browser that keeps nothing has the basket until the page is left.
  }
  for (const watcher of watchers) watcher(items);
}

const same = (a, b) => a.set === b.set && a.session === b.session && a.id === b.id;

export const contents = () => items;
export const has = (item) => items.some((one) => same(one, item));

export function add(item) {
  if (has(item)) return;
  items = [...items, item];
  changed();
}

export function remove(item) {
  items = items.filter((one) => !same(one, item));
  changed();
}

export function clear() {
  items = [];
  changed();
}

/** Calls `watcher` now and whenever the contents change, here or in another window. */
export function watch(watcher) {
  watchers.push(watcher);
  watcher(items);
}

window.addEventListener("storage", (event) => {
  if (event.key !== kKey) return;
  items = read();
  for (const watcher of watchers) watcher(items);
});

/** As it stands in the basket; `session` null: the newest state. */
export function itemOf(set, session, version) {
  return {set, session, id: version.id, path: version.path, type: version.type,
    size: version.size};
}

/** Makes a button that puts in and takes out. */
export function toggle(button, item, name = item.path) {
  const update = () => {
    const inside = has(item);
    button.textContent = inside ? "Remove" : "Add";
    button.setAttribute("aria-label",
      inside ? `Remove ${name} from the basket` : `Add ${name} to the basket`);
  };
  button.type = "button";
  button.addEventListener("click", () => {
    if (has(item)) remove(item);
    else add(item);
    update();
  });
  update();
  return button;
}
