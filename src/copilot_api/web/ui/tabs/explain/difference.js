// What differs between two JSON documents that say the same in other words. Knows nothing of the page.
//
// A leaf is carried when the other side has its value at the same path, or anywhere: under the same name, or when
// the value is one that does not occur by chance. What is left is new, left out, or changed in its place.
const BY_CHANCE = 2;

const nameOf = (path) => path.replace(/\[\d+\]$/, "").split(".").at(-1);

/** Every leaf as [path, value]; an empty object or list is a leaf. */
export function leavesOf(value, path = "") {
  if (value === null || typeof value !== "object") return [[path, value]];
  const inside = Array.isArray(value)
    ? value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`))
    : Object.entries(value).flatMap(([name, item]) => leavesOf(item, path ? `${path}.${name}` : name));
  return inside.length > 0 ? inside : [[path, value]];
}

const keyed = (value) => JSON.stringify(value);
const isTelling = (value) => (typeof value === "string" ? value.length >= BY_CHANCE : typeof value === "number" && Math.abs(value) > 1);

function indexOf(leaves) {
  return {
    places: new Map(leaves.map(([path, value]) => [path, keyed(value)])),
    names: new Set(leaves.map(([path, value]) => `${nameOf(path)} ${keyed(value)}`)),
    values: new Set(leaves.map(([, value]) => keyed(value))),
  };
}

const isCarried = ([path, value], other) =>
  other.places.get(path) === keyed(value) || other.names.has(`${nameOf(path)} ${keyed(value)}`) || (isTelling(value) && other.values.has(keyed(value)));

function marksOf(leaves, other, alone) {
  const lost = leaves.filter((leaf) => !isCarried(leaf, other));
  return new Map(lost.map(([path]) => [path, other.places.has(path) ? "changed" : alone]));
}

/** Shape: {client: Map(path -> "gone" | "changed"), sent: Map(path -> "new" | "changed")} */
export function compare(client, sent) {
  const [ours, theirs] = [leavesOf(client), leavesOf(sent)];
  return { client: marksOf(ours, indexOf(theirs), "gone"), sent: marksOf(theirs, indexOf(ours), "new") };
}

/** What `text` says as JSON, or undefined. */
export function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
