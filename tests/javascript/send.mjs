// Sends an event with the CloudEvents SDK for JavaScript, in each mode, and prints what was answered.
//
//     node send.mjs URL KEY EVENT
//
// EVENT holds the attributes and the data as JSON. Prints a list of {"mode", "status", "body"}.

import { CloudEvent, HTTP, Mode, emitterFor } from "cloudevents";

const [url, key, written] = process.argv.slice(2);
const given = JSON.parse(written);
const answers = [];

async function send(mode, { headers, body }) {
  const answer = await fetch(url, { method: "POST", headers: { ...headers, authorization: `Bearer ${key}` }, body });
  answers.push({ mode, status: answer.status, body: await answer.json() });
}

const event = new CloudEvent(given);
const bytes = new CloudEvent({ ...given, data: Buffer.from(JSON.stringify(given.data)) });

await emitterFor((message) => send("binary", message), { mode: Mode.BINARY })(event);
await emitterFor((message) => send("structured", message), { mode: Mode.STRUCTURED })(event);
await send("structured, data as bytes", HTTP.structured(bytes));
// The SDK reads batches and writes none: this is how its users do.
await send("batch", {
  headers: { "content-type": "application/cloudevents-batch+json; charset=utf-8" },
  body: JSON.stringify([event, event.cloneWith({ id: `${event.id} again` })]),
});

console.log(JSON.stringify(answers));
