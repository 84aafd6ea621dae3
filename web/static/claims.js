// What the member whose key is in use has claimed, and what waits for those who manage.

import { data, text } from "./client.js";
import { begun, button, element, holding, made, tell } from "./dom.js";
import { offerForm } from "./claim-form.js";

const PAGE = 10;
const REVIEWED = 20;
const NONE_WAIT = "Nothing waits for a reviewer.";
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const number = new Intl.NumberFormat("en");
const count = (points) => `${number.format(points)} ${Number(points) === 1 ? "point" : "points"}`;

let titles; // of activity types, by key
let self; // external id of the member for whom the key acts; undefined where it acts for nobody
let cursor;
let more; // whether others wait behind those that are listed

/** Show what concerns whoever asks. */
export async function showClaims(viewer, types) {
  titles = new Map(types.map(({ key, title }) => [key, title]));
  self = viewer.member?.externalId;
  hideClaims();
  const claimable = types.filter(({ claim }) => claim);
  if (self !== undefined) {
    offerForm(claimable, async (claimed) => {
      tell("claims-status", `claim ${claimed} waits for a reviewer.`);
      await Promise.all([mine(), waiting(viewer)]);
    });
    await mine();
    element("claims").hidden = !claimable.length && !element("claims-mine").children.length;
  }
  if (viewer.scopes.includes("MANAGE")) {
    await waiting(viewer);
    element("review").hidden = !claimable.length && !element("review-list").children.length;
  }
}

/** Show nothing of claims. */
export function hideClaims() {
  for (const id of ["claims", "review"]) element(id).hidden = true;
  for (const id of ["claims-mine", "review-list"]) element(id).replaceChildren();
  for (const id of ["claims-status", "review-status"]) tell(id, "");
}

/** List the claims of the member anew, or the page `after` those that are listed. */
async function mine(after = null) {
  try {
    const { claims } = (await data(await text("claims"), { member: self, first: PAGE, after })).member;
    cursor = claims.pageInfo.endCursor;
    if (!after) element("claims-mine").replaceChildren();
    element("claims-mine").append(...claims.edges.map(({ node }) => own(node)));
    element("claims-more").hidden = !claims.pageInfo.hasNextPage;
    element("claims-more").onclick = () => mine(cursor);
  } catch (error) {
    tell("claims-status", error.message, true);
  }
}

function own(claim) {
  const line = described(claim, titles.get(claim.type) ?? claim.type);
  if (claim.state === "WAITING") {
    const withdraw = button("Withdraw", () =>
      holding([withdraw], () => decide("claims", "withdraw", { number: claim.number }, claim, () => mine())),
    );
    withdraw.setAttribute("aria-label", `Withdraw claim ${claim.number}`);
    line.append(acting(withdraw));
  }
  return line;
}

/** List what waits for a reviewer, the oldest first. */
async function waiting(viewer) {
  if (!viewer.scopes.includes("MANAGE")) return;
  try {
    const { claims } = await data(await text("waiting"), { state: "WAITING", first: REVIEWED });
    element("review-list").replaceChildren(...claims.edges.map(({ node }) => reviewed(node, viewer)));
    more = claims.pageInfo.hasNextPage;
    element("review-note").textContent = more ? "More wait behind these." : claims.edges.length ? "" : NONE_WAIT;
  } catch (error) {
    tell("review-status", error.message, true);
  }
}

function reviewed(claim, viewer) {
  const title = `${claim.member.name}: ${titles.get(claim.type) ?? claim.type}`;
  const line = described(claim, title);
  if (claim.member.externalId === self) {
    line.append(made("p", "told", "This is your own; somebody else reviews it."));
    return line;
  }
  const { number } = claim;
  // It stays in its place: where it was another would come, and be decided by a second click.
  const after = async (now) => {
    line.replaceWith(described({ ...claim, ...now }, title));
    if (element("review-list").querySelector("button")) return;
    if (more) await waiting(viewer);
    else element("review-note").textContent = NONE_WAIT;
  };
  const reason = document.createElement("input");
  reason.id = `reason-${number}`;
  reason.autocomplete = "off";
  reason.maxLength = 500;
  const label = made("label", "", "Reason, if you refuse it");
  label.htmlFor = reason.id;
  const held = (act) => () => holding([approve, ask, refuse], act);
  const approving = held(() => decide("review", "approve", { numbers: [number] }, claim, after));
  const refusing = held(() => decide("review", "refuse", { number, reason: reason.value }, claim, after, reason));
  const [approve, refuse] = [button("Approve", approving, "primary"), button("Refuse", refusing)];
  const ask = button("What would it earn?", held(() => rehearse(claim)));
  approve.setAttribute("aria-label", `Approve claim ${number}`);
  refuse.setAttribute("aria-label", `Refuse claim ${number}`);
  ask.setAttribute("aria-label", `What would claim ${number} earn?`);
  line.append(acting(approve, ask), acting(label, reason, refuse));
  return line;
}

/** Say what a claim would earn if it were approved now. */
async function rehearse(claim) {
  try {
    const input = { numbers: [claim.number], dryRun: true };
    const { results, errors } = (await data(await text("approve"), { input })).approveClaims;
    const wrong = errors[0]?.message ?? results[0].message;
    const told = () => `claim ${claim.number} would earn ${earned(results[0])}.${late(results[0], "would come")}`;
    tell("review-status", wrong ?? told(), Boolean(wrong));
  } catch (error) {
    tell("review-status", error.message, true);
  }
}

/** Send what becomes of a claim, say what came of it, and show it `after` as it is now. */
async function decide(section, verb, input, claim, after, blamed) {
  const status = `${section}-status`;
  try {
    const [payload] = Object.values(await data(await text(verb), { input }));
    const [result] = payload.results ?? [];
    const wrong = payload.errors[0]?.message ?? result?.message;
    const now = result?.claim ?? payload.claim;
    blamed?.setAttribute("aria-invalid", String(Boolean(wrong)));
    tell(status, wrong ?? outcome(claim, now, result), Boolean(wrong));
    if (!now || now.state === "WAITING") return blamed?.focus();
    await after({ ...now, why: result?.why });
    element(`${section}-title`).focus(); // what was pressed is there no more
  } catch (error) {
    tell(status, error.message, true);
  }
}

function outcome(claim, { state }, result) {
  const became = `claim ${claim.number} is ${state.toLowerCase()}`;
  return result ? `${became}: ${earned(result)}.${late(result, "comes")}` : `${became}.`;
}

const earned = ({ points, why }) => count(points) + (why.length ? ` (${why.join("; ")})` : "");

function late({ tooLate }, comes) {
  const periods = tooLate.map(({ board, period }) => `${board.title} ${period.key}`).join(", ");
  return periods && ` It ${comes} too late for ${periods}.`;
}

/** Why an activity earned nothing: what each rule said. */
function unpaid(activity) {
  const said = activity?.verdicts.map(({ rule, sentence }) => `${rule.title}: ${sentence}`) ?? [];
  return said.length ? said : ["no rule pays for it"];
}

/** A claim, and what became of it. */
function described(claim, title) {
  const line = made("li");
  const head = made("p", "claim-head");
  const state = claim.retraction ? "retracted later" : claim.state.toLowerCase();
  const time = made("time", "told", moment.format(new Date(claim.time)));
  time.dateTime = claim.time;
  head.append(made("strong", "", title), made("span", "told", `claim ${claim.number}`), time, made("span", `state ${state.split(" ")[0]}`, state));
  if (claim.points !== null && !claim.retraction) head.append(made("span", "told", count(claim.points)));
  line.append(head);
  const given = Object.entries(claim.data).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`);
  const details = claim.stripped ? "Its fields, link and note are kept no longer." : given.join(" · ");
  const said = [details, claim.note, claim.reason ?? claim.retraction?.reason];
  if (claim.state === "APPROVED" && !Number(claim.points) && !claim.retraction) said.push(...(claim.why ?? unpaid(claim.activity)).map(begun));
  if (claim.link) {
    const link = made("a", "", claim.link);
    link.href = claim.link;
    link.rel = "noopener noreferrer";
    link.target = "_blank";
    said.splice(1, 0, link);
  }
  for (const each of said.filter(Boolean)) {
    const paragraph = made("p", "told");
    paragraph.append(each);
    line.append(paragraph);
  }
  return line;
}

function acting(...parts) {
  const row = made("div", "acting");
  row.append(...parts);
  return row;
}
