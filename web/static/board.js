// The leaderboard as a table, a page at a time. While it can be seen, it follows what changes.

import { data, text } from "./client.js";
import { element, made } from "./dom.js";

const DAY_MS = 86_400_000;
const FIRST_PAGE = 10;
const NEXT_PAGES = 25;
const PAGE_MAX = 100;
const FOLLOW_MS = 5_000;
const number = new Intl.NumberFormat("en");
const mean = new Intl.NumberFormat("en", { minimumFractionDigits: 3 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

let chosen; // the board that is shown
let on; // the day whose period was asked for; null for now
let period; // as the answer has it; null while there is none
let asking = 0; // the number of the latest request: what others bring is not drawn
let best; // the highest score, which fills its bar
let cursor;
let shown; // the rows' entries
let drawn; // what the rows show, as text: what is the same is not drawn again
let zone; // the time zone of the programme, in which days and periods begin
let following;

/** Show the boards of a programme, and the first of them. `onMember` is told whose name is pressed. */
export async function showBoards({ boards, timeZone }, onMember) {
  zone = timeZone;
  leave();
  following = setInterval(() => follow(onMember), FOLLOW_MS);
  element("boards").replaceChildren(
    ...boards.map((board) => {
      const button = made("button", "", board.title);
      button.type = "button";
      button.addEventListener("click", () => show(board, null, onMember));
      button.dataset.board = board.key;
      return button;
    }),
  );
  element("earlier").onclick = () => period && show(chosen, shifted(period.firstDay, -1), onMember);
  element("later").onclick = () => period && show(chosen, shifted(period.lastDay, 1), onMember);
  element("now").onclick = () => show(chosen, null, onMember);
  element("more").onclick = () => page(onMember);
  const first = boards.find((board) => board.key === "impact") ?? boards[0];
  return first ? show(first, null, onMember) : note("This programme has no boards yet.");
}

/** Follow the board no longer. */
export const leave = () => clearInterval(following);

/** Show no board, and why. */
export function clear(words) {
  chosen = period = null;
  for (const id of ["boards", "rows"]) element(id).replaceChildren();
  for (const id of ["standings", "steps", "more"]) element(id).hidden = true;
  element("board-title").textContent = "Leaderboard";
  say("period", "");
  note(words);
}

/** The board that is shown. */
export const board = () => chosen;

async function show(wanted, wantedOn, onMember) {
  chosen = wanted;
  on = wantedOn;
  period = null;
  cursor = null;
  for (const button of element("boards").children) {
    button.setAttribute("aria-current", String(button.dataset.board === wanted.key));
  }
  element("board-title").textContent = wanted.title;
  element("caption").textContent = `${wanted.title}: who stands where`;
  await page(onMember);
}

async function page(onMember) {
  const request = ++asking;
  const pressed = document.activeElement;
  wait(true);
  try {
    const found = await asked(period?.firstDay ?? on, cursor ? NEXT_PAGES : FIRST_PAGE, cursor);
    if (request === asking) draw(found, nodesOf(found), !cursor, onMember);
  } catch (error) {
    if (request === asking) fail(error);
  }
  if (request !== asking) return; // the latest one is still under way
  wait(false);
  if (document.activeElement === document.body) pressed?.focus({ preventScroll: true });
}

/** Ask for as many rows as are shown, and draw them if anything changed; unless something else is asked meanwhile. */
async function follow(onMember) {
  if (document.hidden || !period) return;
  const request = asking;
  const wanted = Math.max(FIRST_PAGE, element("rows").children.length);
  const nodes = [];
  try {
    let found;
    do {
      const first = Math.min(PAGE_MAX, wanted - nodes.length);
      found = await asked(found?.period.firstDay ?? on, first, found?.entries.pageInfo.endCursor ?? null);
      nodes.push(...nodesOf(found));
    } while (nodes.length < wanted && found.entries.pageInfo.hasNextPage);
    if (request !== asking) return;
    if (told(found, nodes) === drawn) return note(noted(found));
    const focused = document.activeElement?.closest("#rows tr")?.dataset.key;
    const before = new Map([...element("rows").children].map((line) => [line.dataset.key, line.dataset.score]));
    draw(found, nodes, true, onMember);
    for (const line of element("rows").children) {
      if (before.get(line.dataset.key) !== line.dataset.score) line.classList.add("changed");
      if (line.dataset.key === focused) line.querySelector("button").focus({ preventScroll: true });
    }
  } catch (error) {
    if (request === asking) note(`This may be out of date: ${error.message}`);
  }
}

const asked = async (period, first, after) =>
  (await data(await text("board"), { board: chosen.key, period, first, after })).leaderboard;

const nodesOf = (found) => found.entries.edges.map((edge) => edge.node);

const told = ({ period, participants, state, entries }, nodes) =>
  JSON.stringify([period, participants, state, entries.pageInfo.hasNextPage, nodes]);

/** Draw a page behind those that are shown, or `anew` what is all. */
function draw(found, nodes, anew, onMember) {
  if (anew) {
    element("rows").replaceChildren();
    element("standings").classList.toggle("of-teams", chosen.of === "TEAMS");
    best = Math.max(1, nodes[0] ? scoreOf(nodes[0]) : 1);
  }
  period = found.period;
  cursor = found.entries.pageInfo.endCursor;
  shown = anew ? nodes : [...shown, ...nodes];
  drawn = told(found, shown);
  element("rows").append(...nodes.map((node) => row(node, onMember)));
  say("period", described(found));
  element("steps").hidden = !steppable(period);
  element("more").hidden = !found.entries.pageInfo.hasNextPage;
  element("standings").hidden = found.participants === 0;
  note(noted(found));
}

/** Say what went wrong. Rows of another board or period go; those above a page that is missing stay. */
function fail(error) {
  if (!cursor) {
    element("rows").replaceChildren();
    element("period").textContent = "";
    element("standings").hidden = true;
    element("more").hidden = true;
  }
  note(error.message);
}

/** While an answer is awaited nothing is asked that begins where that one ends. */
function wait(underWay) {
  for (const id of ["earlier", "later"]) element(id).disabled = underWay || !period;
  for (const id of ["now", "more"]) element(id).disabled = underWay;
}

/** Whether there is a period before and after: not of all time, nor of days that are the board's own. */
const steppable = ({ kind }) => kind !== null && kind !== "EVER";

const noted = (found) => (found.participants === 0 ? nobody(found) : "");

function nobody({ board: { minimum }, state }) {
  const yet = state === "FINAL" ? "" : " yet";
  if (minimum === null) return `Nobody has points here${yet}.`;
  const points = `${number.format(minimum)} ${Number(minimum) === 1 ? "point" : "points"}`;
  return `${chosen.of === "TEAMS" ? "No team" : "Nobody"} has reached ${points}${yet}.`;
}

function scoreOf(node) {
  return node.mean ?? node.score;
}

function row(node, onMember) {
  const who = node.member ?? node.team ?? { name: "" };
  const line = made("tr", node.rank <= 3 ? `place-${node.rank}` : "");
  line.dataset.key = node.member?.externalId ?? who.name;
  line.dataset.score = scoreOf(node);
  const name = made("th", "name");
  name.scope = "row";
  if (node.member) {
    const button = made("button", "", who.name);
    button.type = "button";
    button.addEventListener("click", () => onMember(node.member));
    button.title = `Ask as ${who.name}`;
    button.dataset.member = node.member.externalId;
    name.append(button, made("span", "team-below", node.member.team?.name ?? ""));
  } else {
    name.append(made("span", "", who.name));
  }
  const rank = made("td", "rank");
  rank.append(made("span", "medal", number.format(node.rank)));
  const score = made("td", "score");
  const measure = made("div", "measure");
  const bar = made("span", "bar");
  bar.style.setProperty("--share", `${Math.max(0, (scoreOf(node) / best) * 100)}%`);
  measure.append(bar, made("span", "points", node.mean === null ? number.format(node.score) : mean.format(node.mean)));
  score.append(measure);
  const reached = made("td", "reached");
  const at = new Date(node.reachedAt);
  const time = made("time", "", dayOf(at));
  time.dateTime = node.reachedAt;
  time.title = `${format({ dateStyle: "full", timeStyle: "short" }, at)} (${zone})`;
  reached.append(time);
  line.append(rank, name, made("td", "team", node.member?.team?.name ?? ""), score, reached);
  return line;
}

function described(found) {
  const { kind, key, firstDay, lastDay } = found.period;
  const people = chosen.of === "TEAMS" ? ["team", "teams"] : ["member", "members"];
  const count = `${number.format(found.participants)} ${people[found.participants === 1 ? 0 : 1]}`;
  if (kind === "EVER") return `All time · ${count}`;
  const days = firstDay === lastDay ? date(firstDay) : `${date(firstDay)} to ${date(lastDay)}`;
  const state = { PROVISIONAL: " · provisional", FINAL: " · final" }[found.state] ?? "";
  const name = kind === null ? "" : `${key} · `; // days of its own are their name
  return `${name}${days} · ${count}${state}`;
}

const format = (options, at) => new Intl.DateTimeFormat("en", { timeZone: zone, ...options }).format(at);

/** A day as the programme has it, with the year when it is not this one. */
function dayOf(at) {
  const sameYear = format({ year: "numeric" }, at) === format({ year: "numeric" }, new Date());
  return format({ day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }, at);
}

const date = (text) => day.format(new Date(text));
const shifted = (text, days) => new Date(Date.parse(text) + days * DAY_MS).toISOString().slice(0, 10);

function note(words) {
  say("board-note", words && words[0].toUpperCase() + words.slice(1));
  element("board-note").hidden = !words;
}

/** What is read aloud when it changes stays untouched while it is the same. */
function say(id, words) {
  if (element(id).textContent !== words) element(id).textContent = words;
}
