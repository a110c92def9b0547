// Reading an OpenAPI document: operations as a list, references followed, types in short words.
const METHODS = ["get", "post", "put", "patch", "delete"];
const BASE = "/admin/api/";

/** What a $ref points at; anything else is itself. */
export function resolve(document, value) {
  if (!value || !value.$ref) return value || {};
  const steps = value.$ref.replace(/^#\//, "").split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce((node, step) => (node || {})[step], document) || {};
}

const groupOf = (path) => (path.startsWith(BASE) ? path.slice(BASE.length).split("/")[0] : path.split("/")[1]) || "/";

/** Every operation, in the document's order. */
export function readOperations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method];
      return {
        id: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        group: groupOf(path),
        summary: operation.summary || "",
        description: operation.description || "",
        parameters: [...(item.parameters || []), ...(operation.parameters || [])].map((entry) => resolve(document, entry)),
        body: operation.requestBody ? resolve(document, operation.requestBody) : null,
        responses: Object.entries(operation.responses || {}).map(([status, answer]) => [status, resolve(document, answer)]),
      };
    }),
  );
}

/** The schema of a body or an answer, and its media type. */
export function contentOf(body) {
  const [entry] = Object.entries((body && body.content) || {});
  return entry ? { mediaType: entry[0], schema: entry[1].schema } : null;
}

const nameOf = (schema) => (schema.$ref ? schema.$ref.split("/").pop() : "");
const choicesOf = (schema) => schema.oneOf || schema.anyOf;

/** A type in a few words: "array of Key", "string | null", "integer". */
export function typeOf(document, schema) {
  if (!schema) return "any";
  const found = resolve(document, schema);
  if (choicesOf(found)) return choicesOf(found).map((choice) => typeOf(document, choice)).join(" | ");
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.type === "array") return `array of ${typeOf(document, found.items)}`;
  const type = Array.isArray(found.type) ? found.type.join(" | ") : found.type || "any";
  return nameOf(schema) && type === "object" ? found.title || nameOf(schema) : type;
}

/** The schema behind arrays, choices and references that has properties of its own, or null. */
export function objectOf(document, schema) {
  const found = resolve(document, schema);
  if (found.properties) return found;
  if (found.type === "array") return objectOf(document, found.items);
  for (const choice of choicesOf(found) || []) {
    const inside = objectOf(document, choice);
    if (inside) return inside;
  }
  return null;
}
