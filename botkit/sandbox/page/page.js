/** The chat page: one person's chats, written through the sandbox's API and kept current by its event socket. */

const TOKEN = document.querySelector('meta[name="botkit-token"]').content;
const PAGE_SIZE = 50;
const RUN_GAP_MS = 5 * 60_000;
const ANSWER_LIMIT_MS = 10_000;
const UPLOAD_LIMIT_MS = 60_000;
const LARGEST_FILE = 25 << 20;
const READY_LIMIT_MS = 5_000;
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5_000;
const TYPING_REFRESH_MS = 3_000;
const TYPING_IDLE_MS = 5_000;
// Somebody whose "stopped typing" was lost must not type for ever.
const TYPING_EXPIRY_MS = 10_000;

/** What is shown; `typing` and `reads` go from thread to person, to a timer and to the time of the last message read. */
const state = {
  clockShift: 0,
  people: new Map(),
  defaultAs: "",
  me: "",
  threads: new Map(),
  typing: new Map(),
  reads: new Map(),
  open: "",
  messages: [],
  hasEarlier: false,
  isLoading: false,
};

const $ = (id) => document.getElementById(id);
const now = () => Date.now() + state.clockShift;
const isVisible = () => document.visibilityState === "visible";

class ApiError extends Error {}

async function call(path, { type = "application/json", limitMs = ANSWER_LIMIT_MS, ...options } = {}) {
  const response = await fetch(`/sandbox/api/${path}`, {
    ...options,
    headers: { "X-Botkit-Token": TOKEN, "Content-Type": type },
    signal: AbortSignal.timeout(limitMs),
  });
  if (response.status === 401) reloadOnce();
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer.error ?? `the sandbox answered ${response.status}`);
  return answer;
}

const get = (path, query = {}) => call(`${path}?${new URLSearchParams(query)}`);
const post = (path, body) => call(path, { method: "POST", body: JSON.stringify(body) });

/** The token is made anew when the sandbox starts, so a refused one means that this page is an old copy. */
function reloadOnce() {
  if (sessionStorage.getItem("botkit-refused") === TOKEN) return;
  sessionStorage.setItem("botkit-refused", TOKEN);
  location.reload();
}

let socket = null;
let attempt = 0;
let retryTimer = 0;
let retryMs = FIRST_RETRY_MS;

async function connect() {
  const mine = (attempt += 1);
  clearTimeout(retryTimer);
  dropSocket();
  showStatus("connecting…");
  try {
    await loadWorld();
    if (mine === attempt) takePerson();
    if (mine === attempt) await openSocket();
    if (mine === attempt) await catchUp();
  } catch {
    if (mine === attempt) retryLater();
    return;
  }
  if (mine !== attempt) return;
  retryMs = FIRST_RETRY_MS;
  showStatus("");
}

function dropSocket() {
  socket?.close();
  socket = null;
}

function retryLater() {
  attempt += 1;
  dropSocket();
  showStatus("connecting…");
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, retryMs);
  retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
}

/** Open the event socket; resolves when the sandbox says ready, rejects when it closes before. */
function openSocket() {
  const mine = (socket = new WebSocket(`ws://${location.host}/sandbox/api/events`));
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => mine.close(), READY_LIMIT_MS);
    mine.onopen = () => mine.send(JSON.stringify({ token: TOKEN, as: state.me }));
    mine.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "ready") {
        clearTimeout(limit);
        resolve();
      } else if (mine === socket) handlers[event.type]?.(event);
    };
    mine.onclose = ({ code }) => {
      clearTimeout(limit);
      reject(new ApiError("the event socket closed"));
      if (mine !== socket) return;
      if (code === 4401) reloadOnce();
      retryLater();
    };
  });
}

async function loadWorld() {
  const world = await get("world");
  state.clockShift = world.now_ms - Date.now();
  state.people = new Map(world.people.map((person) => [person.id, person]));
  state.defaultAs = world.default_as;
}

/** Fetch what the socket cannot have told: the chats, and the open chat's newest messages. */
async function catchUp() {
  const me = state.me;
  const { threads } = await get("threads", { as: me });
  if (me !== state.me) return;
  state.threads = new Map(threads.map((thread) => [thread.id, thread]));
  renderAll();
  const wanted = wantedThread();
  if (wanted === state.open && state.messages.length) await loadNewest();
  else await openThread(wanted);
}

const handlers = {
  message: ({ message }) => {
    setTyping(message.thread, message.sender, false);
    if (message.thread !== state.open) return;
    const wasAtEnd = atEnd;
    merge([message]);
    $("newer").hidden = wasAtEnd || message.sender === state.me;
    if (message.sender === state.me) scrollToEnd();
    markRead();
  },
  changed: ({ message }) => {
    if (!state.messages.some(({ id }) => id === message.id)) return;
    rows.delete(message.id);
    merge([message]);
  },
  typing: ({ thread, sender, typing }) => setTyping(thread, sender, typing),
  read: ({ thread, reader, watermark_ms: watermark }) => {
    if (!state.reads.has(thread)) state.reads.set(thread, new Map());
    state.reads.get(thread).set(reader, watermark);
    renderSeen();
  },
  thread: ({ thread }) => {
    state.threads.set(thread.id, thread);
    renderThreads();
    if (thread.id === state.open) renderTop();
  },
  presence: ({ person, online }) => {
    if (state.people.has(person)) state.people.get(person).online = online;
    renderAll();
  },
};

// The address says who and where, so that each tab can be somebody else.
const address = (as, thread) => `#as=${as}${thread ? `&in=${thread}` : ""}`;
const fragment = () => new URLSearchParams(location.hash.slice(1));

/** The entry whose id or name is `wanted`; names count without case, as everywhere in the sandbox. */
function find(entries, wanted) {
  const name = wanted?.toLowerCase();
  return entries.get(wanted) ?? [...entries.values()].find((entry) => entry.name.toLowerCase() === name);
}

function takePerson() {
  const me = find(state.people, fragment().get("as"))?.id ?? state.defaultAs;
  if (me === state.me) return;
  stopTyping();
  Object.assign(state, { me, open: "", threads: new Map(), messages: [], typing: new Map(), reads: new Map() });
  renderPeople();
}

/** The id of the chat that the address asks for, "" for none; one that is not ours, or a first visit, gives a group. */
function wantedThread() {
  const wanted = fragment().get("in");
  if (!wanted && fragment().has("as")) return "";
  // The first of the world, not the newest: a newcomer is where the README says.
  const [firstGroup] = [...state.threads.values()].filter((thread) => thread.group).sort((a, b) => (a.id < b.id ? -1 : 1));
  return (find(state.threads, wanted) ?? firstGroup)?.id ?? "";
}

function followAddress() {
  if (find(state.people, fragment().get("as"))?.id === state.me) openThread(wantedThread()).catch(retryLater);
  else connect();
}

async function openThread(id) {
  stopTyping();
  Object.assign(state, { open: id, messages: [], hasEarlier: false, isLoading: true });
  history.replaceState(null, "", address(state.me, id));
  rows.clear();
  $("app").classList.toggle("in-chat", Boolean(id));
  $("newer").hidden = true;
  renderAll();
  showDraft();
  if (!id) return;
  await loadNewest();
  scrollToEnd();
  if (matchMedia("(hover: hover)").matches) $("text").focus();
}

async function loadNewest() {
  const page = await loadPage({});
  if (!page) return;
  const since = page[0]?.timestamp_ms ?? 0;
  const known = new Set(state.messages.map((message) => message.id));
  const recent = state.messages.filter((message) => message.timestamp_ms >= since);
  // Without a common message there may be a hole between this page and what stood here before it.
  if (!page.some((message) => known.has(message.id))) state.messages = recent;
  if (recent.length === state.messages.length) state.hasEarlier = page.length === PAGE_SIZE;
  state.isLoading = false;
  merge(page);
  markRead();
}

async function loadEarlier() {
  const scroll = $("scroll");
  const fromEnd = scroll.scrollHeight - scroll.scrollTop;
  const page = await loadPage({ before_ms: state.messages[0].timestamp_ms });
  if (!page) return;
  state.hasEarlier = page.length === PAGE_SIZE;
  merge(page);
  scroll.scrollTop = scroll.scrollHeight - fromEnd;
}

/** A page of the open chat, or null when another chat was opened meanwhile. */
async function loadPage(query) {
  const { me, open } = state;
  $("messages").setAttribute("aria-busy", "true");
  const { messages } = await get("messages", { as: me, thread: open, limit: PAGE_SIZE, ...query });
  return me === state.me && open === state.open ? messages : null;
}

/** Add messages to the open chat in order of time, each once. */
function merge(messages) {
  const byId = new Map([...state.messages, ...messages].map((message) => [message.id, message]));
  state.messages = [...byId.values()].sort((a, b) => a.timestamp_ms - b.timestamp_ms);
  renderMessages();
}

function markRead() {
  if (!state.open || !isVisible()) return;
  post("read", { as: state.me, thread: state.open }).catch(() => {});
}

function setTyping(thread, person, isTyping) {
  if (!state.typing.has(thread)) state.typing.set(thread, new Map());
  const typists = state.typing.get(thread);
  clearTimeout(typists.get(person));
  typists.delete(person);
  if (isTyping) typists.set(person, setTimeout(() => setTyping(thread, person, false), TYPING_EXPIRY_MS));
  renderTyping();
  renderThreads();
}

/** What stands in the box of each chat: {text, failed}, where `failed` is a send that did not go through. */
const drafts = new Map(JSON.parse(sessionStorage.getItem("botkit-drafts") ?? "[]"));
const draftKey = () => `${state.me} ${state.open}`;
let sending = Promise.resolve();

function saveDraft(key, draft) {
  if (draft.text) drafts.set(key, draft);
  else drafts.delete(key);
  sessionStorage.setItem("botkit-drafts", JSON.stringify([...drafts]));
}

function showDraft() {
  const { text, failed } = drafts.get(draftKey()) ?? { text: "", failed: null };
  $("text").value = text;
  $("why").textContent = failed ? `Not sent: ${failed.why}.` : "";
  $("failed").hidden = !failed;
  fitText();
}

function fitText() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
}

function submit(event) {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !state.open) return;
  const key = draftKey();
  const failed = drafts.get(key)?.failed;
  const clientId = failed?.text === text ? failed.clientId : crypto.randomUUID();
  const body = { as: state.me, thread: state.open, text, client_id: clientId };
  saveDraft(key, { text: "" });
  stopTyping();
  showDraft();
  $("text").focus();
  sending = sending.then(() => deliver(key, body));
}

async function deliver(key, body) {
  try {
    const { message } = await post("send", body);
    if (key === draftKey()) handlers.message({ message });
  } catch (error) {
    const why = error instanceof ApiError ? error.message.replace(/\.$/, "") : "the sandbox did not answer";
    const newer = drafts.get(key)?.text;
    const failed = { text: body.text, clientId: body.client_id, why };
    saveDraft(key, { text: newer ? `${body.text}\n${newer}` : body.text, failed });
    if (key === draftKey()) showDraft();
  }
}

/** Send the chosen files, each as a message of its own, after what is still on its way. */
function sendFiles() {
  const { me: as, open: thread } = state;
  for (const file of $("file").files) sending = sending.then(() => upload(as, thread, file));
  $("file").value = "";
  $("refused").hidden = true;
}

async function upload(as, thread, file) {
  try {
    if (file.size > LARGEST_FILE) throw new ApiError("it is larger than 25 MB");
    const query = new URLSearchParams({ as, thread, name: file.name, client_id: crypto.randomUUID() });
    const type = file.type || "application/octet-stream";
    const { message } = await call(`upload?${query}`, { method: "POST", body: file, type, limitMs: UPLOAD_LIMIT_MS });
    if (as === state.me) handlers.message({ message });
  } catch (error) {
    const why = error instanceof ApiError ? error.message.replace(/\.$/, "") : "the sandbox did not answer";
    $("refused").textContent = `${file.name} was not sent: ${why}.`;
    $("refused").hidden = false;
  }
}

const writing = { thread: "", toldMs: 0, idleTimer: 0 };

function onInput() {
  const text = $("text").value;
  const failed = drafts.get(draftKey())?.failed ?? null;
  saveDraft(draftKey(), { text, failed });
  if (!text) $("failed").hidden = true;
  fitText();
  if (text.trim()) keepTyping();
  else stopTyping();
}

function keepTyping() {
  clearTimeout(writing.idleTimer);
  writing.idleTimer = setTimeout(stopTyping, TYPING_IDLE_MS);
  if (writing.thread && Date.now() - writing.toldMs < TYPING_REFRESH_MS) return;
  Object.assign(writing, { thread: state.open, toldMs: Date.now() });
  tellTyping(true);
}

function stopTyping() {
  clearTimeout(writing.idleTimer);
  if (!writing.thread) return;
  tellTyping(false);
  writing.thread = "";
}

function tellTyping(typing) {
  post("typing", { as: state.me, thread: writing.thread, typing }).catch(() => {});
}

/** A new element; children are nodes or texts, and a text never becomes markup. */
function element(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

const nameOf = (id) => state.people.get(id)?.name ?? id;

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? "?").join("").toUpperCase();
}

/** A hue that is the same for an id in every tab, and far from its neighbour's: ids are often counted up by one. */
function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 41 + letter.codePointAt(0)) % 65_521;
  return (sum * 103) % 360;
}

function avatar(id, name, isGroup = false) {
  const node = element("span", isGroup ? "avatar group" : "avatar", initials(name));
  node.setAttribute("aria-hidden", "true");
  node.style.setProperty("--hue", hue(id));
  if (state.people.get(id)?.online) node.classList.add("online");
  return node;
}

/** The name with what we know of the person: a badge for a bot, a cake on a birthday. */
function nameTag(id, name) {
  const tag = element("span", "name", element("bdi", "", name));
  const person = state.people.get(id);
  if (person?.bot) tag.append(element("span", "badge", "bot"));
  if (person?.birthday_today) tag.append(cake());
  return tag;
}

function cake() {
  const node = element("span", "cake");
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", "birthday today");
  node.title = "birthday today";
  return node;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const dateFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDateFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);
const daysAgo = (ms) => Math.round((midnight(now()) - midnight(ms)) / 86_400_000);

function dayLabel(ms) {
  return { 0: "Today", 1: "Yesterday" }[daysAgo(ms)] ?? dateFormat.format(ms);
}

function shortTime(ms) {
  if (daysAgo(ms) === 0) return timeFormat.format(ms);
  return (daysAgo(ms) < 7 ? weekdayFormat : shortDateFormat).format(ms);
}

function timeTag(ms, text) {
  const node = element("time", "time", text);
  node.dateTime = new Date(ms).toISOString();
  node.title = fullFormat.format(ms);
  return node;
}

function renderAll() {
  renderPeople();
  renderThreads();
  renderTop();
  renderMessages();
  renderTyping();
}

/** Put exactly `nodes` into `list`, touching only what is out of place, so that live regions announce only news. */
function place(list, nodes) {
  let next = list.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else list.insertBefore(node, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** Draw a list of links anew without taking the focus from the one that has it. */
function refill(list, nodes) {
  const focused = list.contains(document.activeElement) ? document.activeElement.hash : null;
  list.replaceChildren(...nodes);
  if (focused) list.querySelector(`a[href="${focused}"]`)?.focus();
}

function renderPeople() {
  const shown = [...state.people.values()].filter((person) => !person.bot || person.id === state.me);
  refill($("people"), shown.map(personLink));
}

function personLink(person) {
  const name = element("span", "name", element("bdi", "", person.name));
  if (person.birthday_today) name.append(cake());
  const link = element("a", "person", avatar(person.id, person.name), name);
  // The other side of an open chat between two is that same chat seen from there.
  link.href = address(person.id, state.open === person.id ? state.me : state.open);
  link.title = `Be ${person.name} (in a new tab: Ctrl or ⌘ and click)`;
  if (person.id === state.me) link.setAttribute("aria-current", "true");
  return element("li", "", link);
}

function renderThreads() {
  const sorted = [...state.threads.values()].sort((a, b) => b.timestamp_ms - a.timestamp_ms);
  refill($("threads"), sorted.map(threadLink));
  const unread = sorted.reduce((sum, thread) => sum + unreadOf(thread), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${nameOf(state.me)} · botkit sandbox`;
}

const unreadOf = (thread) => (thread.id === state.open && isVisible() ? 0 : thread.unread);

function threadLink(thread) {
  const typists = [...(state.typing.get(thread.id)?.keys() ?? [])];
  const text = element("span", "snippet", typists.length ? "typing…" : snippet(thread));
  const link = element("a", "thread", avatar(thread.id, thread.name, thread.group), nameTag(thread.id, thread.name), text);
  link.href = address(state.me, thread.id);
  if (thread.timestamp_ms) link.append(timeTag(thread.timestamp_ms, shortTime(thread.timestamp_ms)));
  if (thread.id === state.open) link.setAttribute("aria-current", "page");
  const unread = unreadOf(thread);
  if (unread) {
    const badge = element("span", "unread", unread > 99 ? "99+" : String(unread));
    badge.setAttribute("aria-label", `${unread} unread`);
    link.append(badge);
    link.classList.add("has-unread");
  }
  return element("li", "", link);
}

function snippet({ snippet: text, snippet_sender: sender, group }) {
  if (!text) return "No messages yet";
  if (sender === state.me) return `You: ${text}`;
  return group && sender ? `${nameOf(sender)}: ${text}` : text;
}

function renderTop() {
  const thread = state.threads.get(state.open);
  $("back").href = address(state.me, "");
  $("composer").hidden = !thread;
  $("title").replaceChildren(thread ? nameTag(thread.id, thread.name) : "Pick a chat");
  $("face").replaceChildren(...(thread ? [avatar(thread.id, thread.name, thread.group)] : []));
  $("members").textContent = thread ? membersLine(thread) : "";
  const hasBot = thread?.participants.some((id) => id !== state.me && state.people.get(id)?.bot);
  $("text").placeholder = hasBot ? "Write, for example !help" : `Write to ${thread?.name}`;
  $("empty").textContent = hasBot ? "No messages yet. Say hello, or try !help" : "No messages yet. Say hello.";
}

function membersLine(thread) {
  if (!thread.group) return state.people.get(thread.id)?.online ? "online" : "offline";
  return ["You", ...thread.participants.filter((id) => id !== state.me).map(nameOf)].join(", ");
}

const rows = new Map();

function row(key, make) {
  if (!rows.has(key)) rows.set(key, make());
  return rows.get(key);
}

function renderMessages() {
  const nodes = [];
  let before = null;
  for (const message of state.messages) {
    const isNewDay = !before || midnight(before.timestamp_ms) !== midnight(message.timestamp_ms);
    if (isNewDay) nodes.push(row(`day ${midnight(message.timestamp_ms)}`, () => dayRow(message)));
    const node = row(message.id, () => (isLine(message) ? logRow(message) : bubbleRow(message)));
    node.classList.toggle("first", isNewDay || startsRun(before, message));
    nodes.push(node);
    before = message;
  }
  nodes.forEach((node, at) => node.classList.toggle("last", !nodes[at + 1]?.matches(".message:not(.first)")));
  place($("messages"), nodes);
  $("messages").removeAttribute("aria-busy");
  $("empty").hidden = !state.open || state.isLoading || nodes.length > 0;
  $("earlier").hidden = !state.hasEarlier;
  renderSeen();
}

function startsRun(before, message) {
  const isSameHand = before.sender === message.sender && isLine(before) === isLine(message);
  return !isSameHand || message.timestamp_ms - before.timestamp_ms > RUN_GAP_MS;
}

const dayRow = ({ timestamp_ms: ms }) => element("li", "day", element("span", "", dayLabel(ms)));
/** Whether an entry is a grey line and no bubble. */
const isLine = ({ kind, unsent }) => kind === "log" || unsent;

function logRow({ text, unsent, sender, sender_name: name }) {
  return element("li", "log", unsent ? `${sender === state.me ? "You" : name} unsent a message.` : text);
}

/** What a reply replies to, as one line. */
function quote(id) {
  const answered = state.messages.find((message) => message.id === id);
  if (!answered) return element("p", "quote", "Reply to an earlier message");
  return element("p", "quote", `${answered.sender === state.me ? "You" : answered.sender_name}: ${answered.text || "…"}`);
}

function reactionRow(reactions) {
  const node = element("p", "reactions", ...Object.values(reactions));
  node.title = Object.entries(reactions).map(([id, emoji]) => `${nameOf(id)} ${emoji}`).join("\n");
  return node;
}

function bubbleRow(message) {
  const isMine = message.sender === state.me;
  const name = isMine ? element("span", "name", "You") : nameTag(message.sender, message.sender_name);
  const head = element("p", "head", name, " ", timeTag(message.timestamp_ms, timeFormat.format(message.timestamp_ms)));
  const attached = message.attachments.map(attachment);
  const bubble = element("p", message.text ? "bubble" : "bubble bare", message.text, ...attached);
  bubble.dir = "auto";
  bubble.title = fullFormat.format(message.timestamp_ms);
  const node = element("li", isMine ? "message mine" : "message", head);
  if (message.reply_to) node.append(quote(message.reply_to));
  node.append(avatar(message.sender, message.sender_name), bubble);
  if (Object.keys(message.reactions).length) node.append(reactionRow(message.reactions));
  return node;
}

/** One thing in a bubble: a picture, or a link with a name; the server decides what may be shown in place. */
function attachment({ kind, url, name, width, height }) {
  if (kind === "sticker") return picture(url, name, width, height, "sticker");
  const isPicture = kind === "photo" || kind === "animated_image";
  const content = isPicture ? picture(url, name, width, height, "picture") : name;
  const link = element("a", isPicture ? "shown" : `file ${kind}`, content);
  if (/^(https?:|\/sandbox\/)/.test(url)) link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function picture(url, name, width, height, className) {
  const node = element("img", className);
  Object.assign(node, { src: url, alt: name, title: name, width, height, onload: keepAtEnd });
  return node;
}

/** Who has read our last message; known only while the page is open. */
function renderSeen() {
  const last = state.messages.findLast((message) => message.kind === "text");
  const reads = last?.sender === state.me ? [...(state.reads.get(state.open) ?? [])] : [];
  const readers = reads.filter(([id, watermark]) => id !== state.me && watermark >= last.timestamp_ms);
  const names = readers.map(([id]) => nameOf(id));
  $("seen").textContent = names.length ? `Seen by ${names.join(", ")}` : "";
  keepAtEnd();
}

function renderTyping() {
  const names = [...(state.typing.get(state.open)?.keys() ?? [])].map(nameOf);
  $("typing").hidden = !names.length;
  $("typing-names").textContent = `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing`;
  keepAtEnd();
}

function showStatus(text) {
  $("status").textContent = text;
}

// The newest message stays in sight unless the reader has scrolled up.
let atEnd = true;

function scrollToEnd() {
  atEnd = true;
  keepAtEnd();
}

function keepAtEnd() {
  if (atEnd) $("scroll").scrollTop = $("scroll").scrollHeight;
}

function onScroll() {
  const { scrollHeight, scrollTop, clientHeight } = $("scroll");
  atEnd = scrollHeight - scrollTop - clientHeight < 60;
  if (atEnd) $("newer").hidden = true;
}

function onKey(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
}

$("composer").addEventListener("submit", submit);
$("text").addEventListener("input", onInput);
$("text").addEventListener("keydown", onKey);
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", sendFiles);
$("scroll").addEventListener("scroll", onScroll, { passive: true });
$("newer").addEventListener("click", scrollToEnd);
$("earlier").addEventListener("click", () => loadEarlier().catch(retryLater));
window.addEventListener("hashchange", followAddress);
document.addEventListener("visibilitychange", markRead);
new ResizeObserver(keepAtEnd).observe($("scroll"));
connect();
