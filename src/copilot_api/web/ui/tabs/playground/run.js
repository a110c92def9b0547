// One request of the playground, from sending to its end: what was said, how long it took, and which way it went.
import { refusalOf, send } from "../../core/api.js";
import { failureOf, PROTOCOLS } from "./protocols.js";

const RAW_LIMIT = 200_000;
const ENDS = /\r?\n\r?\n/;

function framesOf(text) {
  return text.split(ENDS).filter(Boolean).map((block) =>
    block.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n"));
}

function take(protocol, data, answer) {
  if (!data) return;
  if (data === "[DONE]") return;
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return;
  }
  const failure = failureOf(frame);
  if (failure) answer.failure = failure;
  else protocol.read(frame, answer);
}

/** Read a stream as it comes; `onChange(answer)` after each piece. */
async function readStream(response, protocol, answer, onChange) {
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const pieces = rest.split(ENDS);
    rest = done ? "" : pieces.pop();
    for (const data of framesOf(pieces.join("\n\n"))) take(protocol, data, answer);
    if (!done) keepRaw(answer, new TextDecoder().decode(value));
    if (answer.firstByteMs === null && (answer.text || answer.reasoning)) answer.firstByteMs = performance.now() - answer.beganMs;
    onChange({ ...answer });
    if (done) return;
  }
}

function keepRaw(answer, text) {
  if (answer.raw.length < RAW_LIMIT) answer.raw += text;
}

async function readWhole(response, protocol, answer) {
  const text = await response.text();
  keepRaw(answer, text);
  answer.firstByteMs = performance.now() - answer.beganMs;
  take(protocol, text, answer);
}

function noteHead(answer, response) {
  answer.status = response.status;
  answer.route = response.headers.get("x-copilot-api-route") || "";
  answer.losses = response.headers.get("x-copilot-api-losses") || "";
  answer.traceId = response.headers.get("x-trace-id") || response.headers.get("x-request-id") || "";
}

/**
 * Ask. `question` = {protocol, model, system, prompt, image, maxTokens, isStream}.
 * `onChange(answer)` tells how far it is; the promise is over when the answer is.
 */
export async function ask(question, signal, onChange) {
  const protocol = PROTOCOLS[question.protocol];
  const answer = {
    text: "", reasoning: "", usage: null, failure: null, raw: "", status: 0, route: "", losses: "", traceId: "",
    firstByteMs: null, totalMs: null, beganMs: performance.now(), isOver: false, isStopped: false,
  };
  onChange({ ...answer });
  try {
    const body = protocol.write(question);
    const response = await send("POST", `/playground${protocol.path(question)}`, { body, signal, headers: { accept: "*/*", ...protocol.headers } });
    noteHead(answer, response);
    if (!response.ok) answer.failure = (await refusalOf(response)).message;
    else if ((response.headers.get("content-type") || "").includes("event-stream")) await readStream(response, protocol, answer, onChange);
    else await readWhole(response, protocol, answer);
  } catch (error) {
    if (error.name === "AbortError") answer.isStopped = true;
    else answer.failure = error.message;
  }
  answer.totalMs = performance.now() - answer.beganMs;
  answer.isOver = true;
  onChange({ ...answer });
}
