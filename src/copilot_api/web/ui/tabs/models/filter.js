// Which models are shown, and in which order: providers as people know them, newest first within one.
import { remembered } from "../../core/remember.js";

const PROVIDERS = ["Anthropic", "Google", "OpenAI", "xAI"];

export const shown = remembered("models.shown", "visible", (value) => ["visible", "hidden", "all"].includes(value));
export const speaks = remembered("models.speaks", "", (value) => typeof value === "string");
export const closed = remembered("models.closed", [], Array.isArray);

const numbersOf = (model) => (model.id.match(/\d+(\.\d+)?/g) || []).map(Number);

/** Premium before included, then by the numbers in the name, the greatest first. */
function byWeight(one, other) {
  if (one.isPremium !== other.isPremium) return one.isPremium ? -1 : 1;
  const [mine, theirs] = [numbersOf(one), numbersOf(other)];
  for (let at = 0; at < Math.max(mine.length, theirs.length); at += 1) {
    const difference = (theirs[at] ?? -1) - (mine[at] ?? -1);
    if (difference) return difference;
  }
  return one.id.localeCompare(other.id);
}

const isWanted = (model, text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = `${model.id} ${model.name} ${model.provider} ${model.features.join(" ")} ${model.mappedFrom.join(" ")}`.toLowerCase();
  return words.every((word) => said.includes(word));
};

export const protocolsOf = (models) => [...new Set(models.flatMap((model) => model.protocols))].sort();

/** Shape: [{provider, models}] of those that the choices and the typed text leave. */
export function grouped(models, text) {
  const left = models.filter((model) =>
    (shown.value === "all" || model.isHidden === (shown.value === "hidden"))
    && (!speaks.value || model.protocols.includes(speaks.value))
    && isWanted(model, text));
  const names = [...new Set(left.map((model) => model.provider))];
  const rank = (name) => (PROVIDERS.includes(name) ? PROVIDERS.indexOf(name) : PROVIDERS.length);
  names.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  return names.map((provider) => ({ provider, models: left.filter((model) => model.provider === provider).sort(byWeight) }));
}
