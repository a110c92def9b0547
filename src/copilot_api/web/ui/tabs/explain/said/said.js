// What the gateway tells with a code: in the user's language where the code is known, else in the gateway's English.
import { locale } from "../../../words/words.js";
import chinese from "./chinese.js";

const HOLE = /\{(\w+)\}/g;

/** Shape: said({code: "loss.stops", parameters: {most: "4", count: "5"}, text}); a step has its English in `detail`. */
export function said({ code, parameters = {}, text, detail }) {
  const words = locale.value === "zh-CN" && chinese[code];
  return words ? words.replace(HOLE, (_, name) => parameters[name] ?? "") : text ?? detail ?? "";
}
