// dom.js: what should be on the screen is described with h(), and show() makes the smallest change
// that gets there. So a poll every two seconds moves no focus, no selection and no scroll position.
// Text is only ever set as text: there is no way here to make an element from a string.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "open", "indeterminate"]);

// h(tag, attributes, ...children): a description. `key` names it among its siblings; attributes that
// begin with "on" are listeners; null, false and undefined leave an attribute or a child out.
export function h(tag, attributes, ...children) {
  const kids = [];
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    kids.push(typeof child === "object" ? child : { text: String(child) });
  }
  return { tag, attributes: attributes ?? {}, kids, key: attributes?.key };
}

// show(parent, ...children): parent has these children now, and no others.
export function show(parent, ...children) {
  const now = h("root", null, children).kids;
  const focused = document.activeElement;
  place(parent, parent.shown ?? clear(parent), now);
  parent.shown = now;
  if (focused !== document.activeElement && focused?.isConnected) focused.focus();
}

function clear(parent) {
  parent.replaceChildren();
  return [];
}

function make(v, namespace) {
  if (v.text !== undefined) return (v.node = document.createTextNode(v.text));
  const space = v.tag === "svg" ? SVG : namespace;
  v.node = space ? document.createElementNS(space, v.tag) : document.createElement(v.tag);
  v.space = space;
  for (const name of Object.keys(v.attributes)) set(v.node, name, v.attributes[name]);
  place(v.node, [], v.kids, space);
  v.attributes.made?.(v.node);
  return v.node;
}

function update(was, now) {
  const node = (now.node = was.node);
  now.space = was.space;
  if (now.text !== undefined) {
    if (now.text !== was.text) node.data = now.text;
    return;
  }
  for (const name of Object.keys(was.attributes))
    if (!(name in now.attributes)) set(node, name, null);
  for (const name of Object.keys(now.attributes))
    if (now.attributes[name] !== was.attributes[name]) set(node, name, now.attributes[name]);
  place(node, was.kids, now.kids, now.space);
}

function set(node, name, value) {
  if (name === "key" || name === "made") return;
  if (name.startsWith("on")) node[name] = value ?? null;
  else if (PROPERTIES.has(name)) node[name] = value ?? (name === "value" ? "" : false);
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

const alike = (a, b) => a.tag === b.tag && (a.text === undefined) === (b.text === undefined);

// pair: which of the old children becomes which of the new ones; what is left over goes.
function pair(was, now) {
  const named = new Map();
  const others = [];
  for (const v of was) v.key === undefined ? others.push(v) : named.set(v.key, v);
  let next = 0;
  const pairs = now.map((v) => {
    if (v.key === undefined) {
      const at = others.findIndex((old, n) => n >= next && alike(old, v));
      if (at >= 0) next = at + 1;
      return others[at] ?? null;
    }
    const old = named.get(v.key);
    return old && alike(old, v) ? old : null;
  });
  const kept = new Set(pairs);
  for (const v of was) if (!kept.has(v)) v.node.remove();
  return pairs;
}

function place(parent, was, now, namespace) {
  const pairs = pair(was, now);
  let at = parent.firstChild;
  now.forEach((v, i) => {
    if (pairs[i]) update(pairs[i], v);
    else make(v, namespace);
    if (v.node === at) at = at.nextSibling;
    else parent.insertBefore(v.node, at);
  });
}
