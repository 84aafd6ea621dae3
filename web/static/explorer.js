// The page at /: the current leaderboard above, then the claims of who asks, a query editor below.

import { board, clear, leave, showBoards } from "./board.js";
import { hideClaims, showClaims } from "./claims.js";
import { data, key, text, useKey } from "./client.js";
import { choose, offer, refresh, run } from "./console.js";

const CANNOT_LOOK =
  "This key may report activities, and look at nothing. Paste one above that may, which you make where Laurels runs: " +
  "python app.py key create --scope read";
const element = (id) => document.getElementById(id);

let member = ""; // external id of the member as whom the examples ask
let types = [];

const known = () => ({ board: board()?.key ?? "", member, types });

async function start() {
  leave();
  element("welcome").hidden = Boolean(key());
  element("key").placeholder = key() ? "in use" : "laurels_…";
  if (key()) {
    try {
      const { programme, viewer } = await data(await text("boards"));
      types = programme.activityTypes;
      element("programme").textContent = programme.title ?? "Rewards and leaderboards";
      await showBoards(programme, askAs);
      member = viewer.member?.externalId ?? document.querySelector("#rows button")?.dataset.member ?? "";
      await showClaims(viewer, types);
    } catch (error) {
      hideClaims();
      clear(error.code === "FORBIDDEN" ? CANNOT_LOOK : error.message);
    }
  }
  await offer(known);
}

async function askAs(chosen) {
  member = chosen.externalId;
  await choose("why", known());
  element("console").scrollIntoView({ behavior: "smooth" });
  await run();
}

element("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(element("key").value);
  element("key").value = "";
  start();
});
element("boards").addEventListener("click", () => refresh(known()));
window.addEventListener("hashchange", start);

start();
