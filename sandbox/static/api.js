// Talking to the sandbox.

export class Refused extends Error {}

async function answerOf(response) {
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error || response.statusText);
  return answer;
}

export async function ask(path, query = {}) {
  const named = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(named);
  return answerOf(await fetch(`/sandbox/${path}?${search}`, { cache: "no-store" }));
}

export async function act(verb, body) {
  const form = body instanceof FormData;
  const headers = form ? {} : { "Content-Type": "application/json" };
  return answerOf(await fetch(`/sandbox/${verb}`, { method: "POST", headers, body: form ? body : JSON.stringify(body) }));
}

// Calls `heard` at each change; the browser reconnects by itself when the sandbox was away.
export function listen(heard, lost) {
  const source = new EventSource("/sandbox/events");
  source.onmessage = heard;
  source.onerror = lost;
  return source;
}
