// Whether controls are held while something runs, as the page holds them. Takes the path of dom.js; prints JSON.

import { readFileSync } from "node:fs";

const { holding } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(process.argv[2], "utf8"))}`);

const control = () => ({ disabled: false, matches: () => false });
const controls = [control(), control()];
const states = () => controls.map(({ disabled }) => disabled);

let during;
await holding(controls, async () => {
  during = states();
  await null;
});
const after = states();
const failed = await holding(controls, async () => {
  throw new Error("gone");
}).catch((error) => [error.message, ...states()]);

console.log(JSON.stringify({ during, after, failed }));
