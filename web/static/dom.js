// The few things that all parts of the page do with its elements.

export const element = (id) => document.getElementById(id);

/** A new element with words in it, which are never read as HTML. */
export function made(name, className = "", words = "") {
  const one = document.createElement(name);
  if (className) one.className = className;
  one.textContent = words;
  return one;
}

/** A button that does something when it is pressed. */
export function button(words, pressed, className = "") {
  const one = made("button", className, words);
  one.type = "button";
  one.addEventListener("click", pressed);
  return one;
}

/** Do something that takes a while, during which none of these can be pressed: what is pressed twice is done once. */
export async function holding(controls, act) {
  const pressed = controls.find((each) => each.matches(":focus"));
  for (const each of controls) each.disabled = true;
  try {
    await act();
  } finally {
    for (const each of controls) each.disabled = false;
    if (pressed && document.activeElement === document.body) pressed.focus(); // which it lost when it was disabled
  }
}

/** Words as a sentence begins. */
export const begun = (words) => words && words[0].toUpperCase() + words.slice(1);

/** Say something where it is read aloud; in the colour of what is wrong, if it is. */
export function tell(id, words, wrong = false) {
  element(id).textContent = begun(words);
  element(id).classList.toggle("wrong", wrong);
}
