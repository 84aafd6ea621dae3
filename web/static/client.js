// Asks Laurels. The key comes from the address's fragment, which browsers send to nobody, or is typed in; it stays in
// this tab.

const SLOT = "laurels.key";

/** The key in use, or "". Takes one that stands in the address, and removes it from there. */
export function key() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    useKey(given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(SLOT) ?? "";
}

export function useKey(text) {
  sessionStorage.setItem(SLOT, text.trim());
}

/** What Laurels answers: the HTTP status, the body as an object, and how long it took. */
export async function ask(query, variables = {}) {
  const began = performance.now();
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "Accept": "application/graphql-response+json",
      "Authorization": `Bearer ${key()}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new Error("Laurels cannot be reached");
  });
  const answer = await response.json();
  return { status: response.status, answer, tookMs: performance.now() - began };
}

/** The data of an answer. Throws an Error with the words of the first error in it, and its code. */
export async function data(query, variables) {
  const { answer } = await ask(query, variables);
  if (answer.errors) throw Object.assign(new Error(answer.errors[0].message), { code: answer.errors[0].extensions?.code });
  return answer.data;
}

const documents = new Map();

/** The text of one of the documents that this page sends. */
export function text(name) {
  if (!documents.has(name)) {
    documents.set(name, fetch(`/static/graphql/${name}.graphql`).then((response) => response.text()));
  }
  return documents.get(name);
}
