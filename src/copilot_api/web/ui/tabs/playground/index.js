// Playground: one question to one model, in a protocol of the user's choice, through the real line.
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { remembered } from "../../core/remember.js";
import { useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { Button, Card, Form, IconButton, Loaded, NumberField, Page, Segmented, Select, TextArea, TextField, Toggle } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Answer } from "./answer.js";
import { PROTOCOLS } from "./protocols.js";
import { ask } from "./run.js";

/** The body of an admin request is at most 1 MiB, and base64 adds a third. */
const MAX_IMAGE_BYTES = 700_000;
const NAMES = Object.keys(PROTOCOLS);

const protocol = remembered("playground.protocol", "messages", (value) => NAMES.includes(value));
const chosen = remembered("playground.model", "", (value) => typeof value === "string");
const isThinking = remembered("playground.thinking", false, (value) => typeof value === "boolean");
const isStream = remembered("playground.stream", true, (value) => typeof value === "boolean");

const readImage = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve({ url: reader.result, type: file.type, data: reader.result.split(",")[1], name: file.name });
  reader.onerror = reject;
  reader.readAsDataURL(file);
});

function ImageChoice({ image, onImage }) {
  const [fault, setFault] = useState("");
  const input = useRef(null);
  const take = async (event) => {
    const file = event.currentTarget.files[0];
    if (!file) return;
    const isTooLarge = file.size > MAX_IMAGE_BYTES;
    setFault(isTooLarge ? t("playground.imageTooLarge") : "");
    if (!isTooLarge) onImage(await readImage(file));
  };
  if (image) {
    return html`<div class="playground-image">
      <img src=${image.url} alt=${t("playground.imageAlt")} /><span class="small truncate">${image.name}</span>
      <${IconButton} icon="remove" label=${t("playground.imageDrop")} onClick=${() => onImage(null)} />
    </div>`;
  }
  return html`<div>
    <input ref=${input} class="offscreen" type="file" tabindex="-1" aria-label=${t("playground.image")} accept="image/png,image/jpeg,image/webp,image/gif" onChange=${take} />
    <${Button} icon="image" size="small" onClick=${() => input.current.click()}>${t("playground.image")}<//>
    ${fault && html`<p class="field-error" role="alert">${fault}</p>`}
  </div>`;
}

function modelOptions(models) {
  const usable = models.filter((model) => model.isUsable && model.kind === "chat");
  const providers = [...new Set(usable.map((model) => model.provider))];
  return providers.map((provider) => ({
    label: provider,
    options: usable.filter((model) => model.provider === provider).map((model) => ({ value: model.id, label: model.name })),
  }));
}

/** The running request: {answer, request, isRunning, start, stop}; leaving the page ends it. */
function useRun() {
  const [answer, setAnswer] = useState(null);
  const [request, setRequest] = useState("");
  const running = useRef(null);
  const stop = () => running.current && running.current.abort();
  useEffect(() => stop, []);
  const start = async (question) => {
    stop();
    const own = new AbortController();
    running.current = own;
    setRequest(JSON.stringify(PROTOCOLS[question.protocol].write(question), null, 2));
    await ask(question, own.signal, (next) => running.current === own && setAnswer(next));
  };
  return { answer, request, isRunning: Boolean(answer && !answer.isOver), start, stop };
}

function Question({ models, run }) {
  const options = modelOptions(models);
  const known = options.flatMap((group) => group.options.map((option) => option.value));
  const model = known.includes(chosen.value) ? chosen.value : known[0] || "";
  const [typed, setTyped] = useState({ system: "", prompt: t("playground.sample"), maxTokens: 1024 });
  const [image, setImage] = useState(null);
  const put = (name) => (value) => setTyped((before) => ({ ...before, [name]: value }));
  const canSend = Boolean(!session.value.isReadOnly && model && typed.prompt.trim() && typed.maxTokens > 0);
  const send = () => canSend && run.start({ ...typed, model, image, protocol: protocol.value, isStream: isStream.value, isThinking: isThinking.value });
  const onKeyDown = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), send());
  return html`<${Card}><${Form} onSubmit=${send}>
    <${Select} label=${t("playground.model")} options=${options} value=${model} onValue=${(value) => { chosen.value = value; }} />
    <${Segmented} label=${t("playground.protocol")} options=${NAMES.map((name) => ({ value: name, label: name }))} value=${protocol.value} onValue=${(value) => { protocol.value = value; }} />
    <${TextField} label=${t("playground.system")} placeholder=${t("playground.optional")} value=${typed.system} onValue=${put("system")} />
    <${TextArea} label=${t("playground.prompt")} hint=${t("playground.promptHint")} rows="6" value=${typed.prompt} onValue=${put("prompt")} onKeyDown=${onKeyDown} />
    <${ImageChoice} image=${image} onImage=${setImage} />
    <${NumberField} label=${t("playground.maxTokens")} unit=${t("playground.tokens")} min="1" value=${typed.maxTokens} onValue=${put("maxTokens")} />
    <${Toggle} label=${t("playground.stream")} isOn=${isStream.value} onToggle=${(value) => { isStream.value = value; }} />
    <${Toggle} label=${t("playground.thinking")} isOn=${isThinking.value} onToggle=${(value) => { isThinking.value = value; }} />
    <div class="row">
      <${Button} type="submit" kind="primary" icon="playground" isDisabled=${!canSend || run.isRunning} isBusy=${run.isRunning}>${t("playground.send")}<//>
      ${session.value.isReadOnly && html`<span class="muted small">${t("playground.readOnly")}</span>`}
      ${run.isRunning && html`<${Button} icon="stop" onClick=${run.stop}>${t("playground.stop")}<//>`}
    </div>
  <//><//>`;
}

export default function Playground() {
  const resource = useResource("/models", { models: true, accounts: true });
  const run = useRun();
  return html`<${Page} title=${t("tab.playground")} lead=${t("playground.lead")}>
    <${Loaded} resource=${resource}>${({ models }) => html`<div class="playground">
      <${Question} models=${models} run=${run} />
      <${Answer} answer=${run.answer} request=${run.request} />
    </div>`}<//>
  <//>`;
}
