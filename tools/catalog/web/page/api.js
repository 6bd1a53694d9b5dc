// Questions to the catalogue. All of them only read.

async function ask(path, parameters, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== "" && one != null && one !== false) query.append(name, one);
    }
  }
  const text = query.toString();
  const response = await fetch(`/api/${path}${text ? `?${text}` : ""}`, {signal});
  if (response.ok) return response;
  let reason = `failed with status ${response.status}`;
  try {
    reason = (await response.json()).error;
  } catch {
    // No answer of the catalogue's own: the status says it all.
  }
  throw new Error(reason);
}

/** An answer that is one object. */
export async function get(path, parameters = {}, signal = undefined) {
  return (await ask(path, parameters, signal)).json();
}

/** Hands out the objects of an answer in lists, as they come; returns what its end says. */
export async function stream(path, parameters, signal, take) {
  const response = await ask(path, parameters, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let end = null;
  for (;;) {
    const {done, value} = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    const objects = [];
    for (const line of lines) {
      const object = JSON.parse(line);
      if (object.error) throw new Error(object.error);
      if (object.end) end = object.end;
      else objects.push(object);
    }
    if (objects.length > 0) take(objects);
  }
  if (end === null) throw new Error("the answer broke off");
  return end;
}

export const isAbort = (error) => error.name === "AbortError";

let known = null;

/** Sets and volumes, asked for once. */
export function catalogue() {
  known ??= get("catalog").catch((error) => {
    known = null;
    throw error;
  });
  return known;
}

/** What was known may have changed. */
export function forgetCatalogue() {
  known = null;
}
