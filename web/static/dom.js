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

/** Say something where it is read aloud; in the colour of what is wrong, if it is. */
export function tell(id, words, wrong = false) {
  element(id).textContent = words && words[0].toUpperCase() + words.slice(1);
  element(id).classList.toggle("wrong", wrong);
}
