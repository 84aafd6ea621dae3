// The query editor: example documents, variables that fit them, and the answer.

import { ask, text } from "./client.js";

const element = (id) => document.getElementById(id);

// The documents in graphql/ that are offered, each with the variables that it takes of what is known.
const EXAMPLES = [
  ["top", ({ board }) => ({ board })],
  ["around", ({ board, member }) => ({ board, member })],
  ["changes", ({ board }) => ({ board, since: "DAY" })],
  ["why", ({ member }) => ({ member })],
  ["ledger", ({ member }) => ({ member })],
  ["prizes", ({ member }) => ({ member })],
  ["journey", ({ member }) => ({ member })],
  ["rules", () => ({})],
  ["record", ({ member, types }) => ({ activities: [sample(types, member)] })],
];

let current;

/** Offer the examples. `known` gives the board, the member and the activity types that their variables name. */
export async function offer(known) {
  const documents = await Promise.all(EXAMPLES.map(([name]) => text(name)));
  element("examples").replaceChildren(
    ...EXAMPLES.map(([name], index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = documents[index].split("\n")[0].replace("# ", "");
      button.dataset.example = name;
      button.addEventListener("click", () => choose(name, known()));
      return button;
    }),
  );
  element("run").onclick = run;
  for (const id of ["query", "variables"]) {
    element(id).onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        run();
      }
    };
  }
  await choose(current ?? "top", known());
}

/** Put an example into the editor. */
export async function choose(name, known) {
  current = name;
  for (const button of element("examples").children) {
    button.setAttribute("aria-pressed", String(button.dataset.example === name));
  }
  element("query").value = await text(name);
  const variables = EXAMPLES.find(([example]) => example === name)[1](known);
  element("variables").value = JSON.stringify(variables, null, 2);
}

/** Fill the variables anew, where the example is still as it was offered. */
export async function refresh(known) {
  if (element("query").value === (await text(current))) await choose(current, known);
}

/** Send what is in the editor. */
export async function run() {
  let variables;
  try {
    variables = JSON.parse(element("variables").value || "{}");
  } catch (error) {
    return tell(`The variables are no JSON: ${error.message}`, true);
  }
  tell("Asking…");
  try {
    const { status, answer, tookMs } = await ask(element("query").value, variables);
    element("result").replaceChildren(...coloured(JSON.stringify(answer, null, 2)));
    tell(`${status} in ${Math.round(tookMs)} ms`, Boolean(answer.errors));
  } catch (error) {
    tell(`No answer: ${error.message}`, true);
  }
}

function tell(words, wrong = false) {
  element("status").textContent = words;
  element("status").classList.toggle("wrong", wrong);
}

/** An activity that the programme would take, of a member, now. */
function sample(types, member) {
  const type = types.find(({ key }) => key === "post.shared") ?? types[0];
  const values = { bool: false, int: 1, double: 1, date: today(), timestamp: new Date().toISOString() };
  const value = (field) => {
    if (field.name === "network") return "linkedin";
    if (field.name === "url") return `https://example.com/${randomText()}`;
    return field.type.startsWith("list") ? [] : (values[field.type] ?? "example");
  };
  const needed = type?.fields.filter((field) => field.default === null) ?? [];
  return {
    source: "explorer",
    id: randomText(),
    type: type?.key ?? "",
    member,
    time: new Date().toISOString(),
    data: Object.fromEntries(needed.map((field) => [field.name, value(field)])),
  };
}

const today = () => new Date().toISOString().slice(0, 10);

/** JSON as nodes: names, texts and values each in their colour. */
function coloured(json) {
  const parts = json.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/);
  return parts.map((part, index) => {
    if (index % 2 === 0) return document.createTextNode(part);
    const span = document.createElement("span");
    span.className = !part.startsWith('"') ? "value" : part.endsWith(":") ? "field" : "text";
    span.textContent = part;
    return span;
  });
}

// Unlike crypto.randomUUID, this is there on plain http too.
function randomText() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
