// The form in which a member claims an activity: its fields are those of the chosen type, and what is wrong is said at each.

import { data, text } from "./client.js";
import { begun, element, holding, made, tell } from "./dom.js";

const KINDS = { bool: "checkbox", date: "date", timestamp: "datetime-local" };

/** Offer to claim activities of these types. `onClaimed` is told the number of each claim that was made. */
export function offerForm(types, onClaimed) {
  const form = element("claim-form");
  form.hidden = !types.length;
  if (!types.length) return;
  element("claim-type").replaceChildren(...types.map(({ key, title }) => new Option(title ?? key, key)));
  const chosen = () => types.find(({ key }) => key === element("claim-type").value);
  element("claim-type").onchange = () => shape(chosen());
  shape(chosen());
  form.onsubmit = async (event) => {
    event.preventDefault();
    await holding([form.querySelector("[type=submit]")], () => send(form, chosen(), onClaimed));
  };
}

/** Show the fields of a type. */
function shape({ fields, claim }) {
  blame(null);
  element("claim-fields").replaceChildren(
    ...fields.map((field) => {
      const box = made("div", "field-box");
      const input = document.createElement("input");
      input.type = KINDS[field.type] ?? "text";
      input.id = `claim-data-${field.name}`;
      input.name = `data.${field.name}`;
      input.autocomplete = "off";
      input.required = field.default === null && input.type !== "checkbox";
      if (["int", "double"].includes(field.type)) input.inputMode = "decimal";
      const label = made("label", "", named(field));
      label.htmlFor = input.id;
      box.append(label, input);
      return box;
    }),
  );
  element("claim-hint").textContent = claim.hint ?? "";
  element("claim-link").closest(".field-box").hidden = claim.link === "NONE";
  element("claim-link").required = claim.link === "REQUIRED";
  element("claim-link-label").textContent = claim.link === "REQUIRED" ? "Link" : "Link, if there is one";
}

function named({ name, type, default: fallback }) {
  const words = name.replaceAll("_", " ");
  const several = type.startsWith("list") ? ", separated by commas" : "";
  return words[0].toUpperCase() + words.slice(1) + several + (fallback === null ? "" : ", if you know it");
}

async function send(form, type, onClaimed) {
  blame(null);
  const left = [...form.elements].find((input) => input.required && !input.value.trim());
  if (left) return blame({ field: left.name, message: `${left.labels[0].textContent}: this is needed.` });
  try {
    const input = {
      type: type.key,
      time: instant(element("claim-time").value),
      link: element("claim-link").closest(".field-box").hidden ? null : element("claim-link").value || null,
      note: element("claim-note").value || null,
      data: Object.fromEntries(type.fields.map((field) => [field.name, given(field)]).filter(([, value]) => value !== "")),
    };
    const { claim, errors } = (await data(await text("claim"), { input })).claimActivity;
    if (errors.length) return blame(errors[0]);
    form.reset();
    element("claim-type").value = type.key;
    await onClaimed(claim.number);
  } catch (error) {
    tell("claims-status", error.message, true);
  }
}

/** What stands in a field, as its type has it; as it was written where it is nothing of that type. */
function given({ name, type }) {
  const input = element(`claim-data-${name}`);
  if (type === "bool") return input.checked;
  if (type === "timestamp") return instant(input.value);
  const whole = input.value.trim();
  const plain = (value) => (/int|double/.test(type) && value !== "" && isFinite(value) ? Number(value) : value);
  if (type.startsWith("list")) return whole && whole.split(",").map((each) => plain(each.trim()));
  return plain(whole);
}

/** A time by the clock of this machine, with its offset. */
const instant = (value) => (value ? new Date(value).toISOString() : "");

/** Say what is wrong at the field that it is about; nothing is wrong any more with null. */
function blame(error) {
  for (const told of document.querySelectorAll("#claim-form .wrong")) told.remove();
  for (const input of element("claim-form").elements) {
    input.removeAttribute("aria-invalid");
    if (input.id !== "claim-link") input.removeAttribute("aria-describedby");
  }
  element("claim-link").setAttribute("aria-describedby", "claim-hint");
  tell("claims-status", "");
  if (!error) return;
  const [field] = (error.field ?? "").split("["); // of a list it may be one element
  const input = field ? element("claim-form").elements.namedItem(field) : null;
  if (!input) return tell("claims-status", error.message, true);
  const told = made("p", "wrong", begun(error.message));
  told.id = "claim-wrong";
  input.after(told);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", told.id);
  input.focus();
}
