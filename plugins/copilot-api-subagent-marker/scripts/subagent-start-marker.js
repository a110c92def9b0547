#!/usr/bin/env node
"use strict";

// SubagentStart hook of Claude Code: its JSON comes on stdin, and what is printed as `additionalContext` is put
// before the sub-agent's prompt. copilot-api takes the marker out again before the prompt leaves for Copilot.
// Whatever goes wrong here, the sub-agent starts as it would without the plugin: nothing printed, exit code 0.

const MARKER = "__SUBAGENT_MARKER__";
const FIELDS = ["session_id", "agent_id", "agent_type"];

function answer(input) {
  let given;
  try {
    given = JSON.parse(input);
  } catch {
    return "";
  }
  const said = {};
  for (const name of FIELDS) {
    const value = given === null ? undefined : given[name];
    if (typeof value !== "string" || value === "") return "";
    said[name] = value;
  }
  const hookSpecificOutput = {
    hookEventName: "SubagentStart",
    additionalContext: MARKER + JSON.stringify(said),
  };
  return JSON.stringify({ hookSpecificOutput }) + "\n";
}

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (piece) => {
  input += piece;
});
process.stdin.on("end", () => {
  process.stdout.write(answer(input));
});
