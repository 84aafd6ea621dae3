// The leaderboard as a table, a page at a time.

import { data, text } from "./client.js";

const DAY_MS = 86_400_000;
const FIRST_PAGE = 10;
const NEXT_PAGES = 25;
const number = new Intl.NumberFormat("en");
const mean = new Intl.NumberFormat("en", { minimumFractionDigits: 3 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });

const element = (id) => document.getElementById(id);

let chosen; // the board that is shown
let on; // the day whose period was asked for; null for now
let period; // as the answer has it; null while there is none
let asking = 0; // the number of the latest request: what others bring is not drawn
let best; // the highest score, which fills its bar
let cursor;

/** Show the boards there are and the first of them. `onMember` is told whose name is pressed. */
export async function showBoards(boards, onMember) {
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
    const variables = {
      board: chosen.key,
      period: period?.firstDay ?? on,
      first: cursor ? NEXT_PAGES : FIRST_PAGE,
      after: cursor,
    };
    const found = (await data(await text("board"), variables)).leaderboard;
    if (request === asking) draw(found, onMember);
  } catch (error) {
    if (request === asking) fail(error);
  }
  if (request !== asking) return; // the latest one is still under way
  wait(false);
  if (document.activeElement === document.body) pressed?.focus({ preventScroll: true });
}

function draw(found, onMember) {
  const nodes = found.entries.edges.map((edge) => edge.node);
  if (!cursor) {
    element("rows").replaceChildren();
    element("standings").classList.toggle("of-teams", chosen.of === "TEAMS");
    best = Math.max(1, nodes[0] ? scoreOf(nodes[0]) : 1);
  }
  period = found.period;
  cursor = found.entries.pageInfo.endCursor;
  element("rows").append(...nodes.map((node) => row(node, onMember)));
  element("period").textContent = described(found);
  element("steps").hidden = !steppable(period);
  element("more").hidden = !found.entries.pageInfo.hasNextPage;
  element("standings").hidden = found.participants === 0;
  note(found.participants === 0 ? nobody(found.board.minimum) : "");
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

function nobody(minimum) {
  if (minimum === null) return "Nobody has points here yet.";
  const points = `${number.format(minimum)} ${Number(minimum) === 1 ? "point" : "points"}`;
  return `${chosen.of === "TEAMS" ? "No team" : "Nobody"} has reached ${points} yet.`;
}

function scoreOf(node) {
  return node.mean ?? node.score;
}

function row(node, onMember) {
  const who = node.member ?? node.team ?? { name: "" };
  const line = made("tr", node.rank <= 3 ? `place-${node.rank}` : "");
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
  const time = made("time", "", moment.format(new Date(node.reachedAt)));
  time.dateTime = node.reachedAt;
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

const date = (text) => day.format(new Date(text));
const shifted = (text, days) => new Date(Date.parse(text) + days * DAY_MS).toISOString().slice(0, 10);

function note(words) {
  element("board-note").textContent = words;
  element("board-note").hidden = !words;
}

function made(name, className, words = "") {
  const one = document.createElement(name);
  if (className) one.className = className;
  one.textContent = words;
  return one;
}
