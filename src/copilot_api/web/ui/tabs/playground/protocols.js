// The four protocols as the playground speaks them: where a request goes, what it says, and what an answer's frames say.
//
// `read(frame, answer)` adds a frame's JSON to {text, reasoning, usage, failure}; a whole answer is one frame.

/** What Messages may spend on thinking, beside the answer; its least is 1024. */
const THINKING_TOKENS = 2048;

const USAGE = (input, output, cached) => ({ input, output, cached: cached || 0 });

const chat = {
  path: () => "/v1/chat/completions",
  write: ({ model, system, prompt, image, maxTokens, isStream, isThinking }) => ({
    model,
    messages: [
      ...(system ? [{ role: "system", content: system }] : []),
      { role: "user", content: image ? [{ type: "text", text: prompt }, { type: "image_url", image_url: { url: image.url } }] : prompt },
    ],
    max_completion_tokens: maxTokens,
    ...(isThinking ? { reasoning_effort: "medium" } : {}),
    stream: isStream,
    ...(isStream ? { stream_options: { include_usage: true } } : {}),
  }),
  read(frame, answer) {
    for (const choice of frame.choices || []) {
      const said = choice.delta || choice.message || {};
      answer.text += said.content || "";
      answer.reasoning += said.reasoning_text || said.reasoning_content || "";
    }
    const usage = frame.usage;
    if (usage) answer.usage = USAGE(usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details && usage.prompt_tokens_details.cached_tokens);
  },
};

function readItem(item, answer) {
  for (const part of item.content || []) answer.text += part.text || "";
  for (const part of item.summary || []) answer.reasoning += part.text || "";
}

const responses = {
  path: () => "/v1/responses",
  write: ({ model, system, prompt, image, maxTokens, isStream, isThinking }) => ({
    model,
    ...(system ? { instructions: system } : {}),
    input: [{ role: "user", content: [{ type: "input_text", text: prompt }, ...(image ? [{ type: "input_image", image_url: image.url }] : [])] }],
    max_output_tokens: maxTokens,
    ...(isThinking ? { reasoning: { effort: "medium", summary: "auto" } } : {}),
    store: false,
    stream: isStream,
  }),
  read(frame, answer) {
    if (frame.type === "response.output_text.delta") answer.text += frame.delta;
    if (frame.type === "response.reasoning_summary_text.delta") answer.reasoning += frame.delta;
    const whole = frame.object === "response" ? frame : null;
    if (whole) for (const item of whole.output || []) readItem(item, answer);
    const ended = whole || (frame.response && /completed|incomplete|failed/.test(frame.type || "") ? frame.response : null);
    if (ended && ended.usage) {
      const usage = ended.usage;
      answer.usage = USAGE(usage.input_tokens, usage.output_tokens, usage.input_tokens_details && usage.input_tokens_details.cached_tokens);
    }
    if (ended && ended.error) answer.failure = ended.error.message;
  },
};

const messages = {
  path: () => "/v1/messages",
  headers: { "anthropic-version": "2023-06-01" },
  write: ({ model, system, prompt, image, maxTokens, isStream, isThinking }) => ({
    model,
    max_tokens: maxTokens + (isThinking ? THINKING_TOKENS : 0),
    ...(isThinking ? { thinking: { type: "enabled", budget_tokens: THINKING_TOKENS } } : {}),
    ...(system ? { system } : {}),
    messages: [{
      role: "user",
      content: [
        { type: "text", text: prompt },
        ...(image ? [{ type: "image", source: { type: "base64", media_type: image.type, data: image.data } }] : []),
      ],
    }],
    stream: isStream,
  }),
  read(frame, answer) {
    const delta = frame.type === "content_block_delta" ? frame.delta : {};
    if (delta.type === "text_delta") answer.text += delta.text;
    if (delta.type === "thinking_delta") answer.reasoning += delta.thinking;
    for (const block of frame.type === "message" ? frame.content : []) {
      answer.text += block.type === "text" ? block.text : "";
      answer.reasoning += block.type === "thinking" ? block.thinking : "";
    }
    const usage = frame.usage || (frame.message && frame.message.usage);
    if (usage) {
      const cached = usage.cache_read_input_tokens ?? (answer.usage && answer.usage.cached) ?? 0;
      const input = usage.input_tokens === undefined ? answer.usage && answer.usage.input : usage.input_tokens + cached + (usage.cache_creation_input_tokens || 0);
      answer.usage = USAGE(input, usage.output_tokens, cached);
    }
  },
};

const gemini = {
  path: ({ model, isStream }) => `/v1beta/models/${encodeURIComponent(model)}:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  write: ({ system, prompt, image, maxTokens, isThinking }) => ({
    ...(system ? { systemInstruction: { parts: [{ text: system }] } } : {}),
    contents: [{ role: "user", parts: [{ text: prompt }, ...(image ? [{ inlineData: { mimeType: image.type, data: image.data } }] : [])] }],
    generationConfig: { maxOutputTokens: maxTokens, ...(isThinking ? { thinkingConfig: { includeThoughts: true } } : {}) },
  }),
  read(frame, answer) {
    const candidate = (frame.candidates || [])[0];
    for (const part of (candidate && candidate.content && candidate.content.parts) || []) {
      answer[part.thought ? "reasoning" : "text"] += part.text || "";
    }
    const usage = frame.usageMetadata;
    if (usage) answer.usage = USAGE(usage.promptTokenCount, (usage.candidatesTokenCount || 0) + (usage.thoughtsTokenCount || 0), usage.cachedContentTokenCount);
  },
};

export const PROTOCOLS = { chat, responses, messages, gemini };

/** What an error body or an error frame says, in any of the four shapes; null for anything else. */
export function failureOf(frame) {
  const error = frame.error;
  if (!error) return null;
  return typeof error === "string" ? error : error.message || JSON.stringify(error);
}
