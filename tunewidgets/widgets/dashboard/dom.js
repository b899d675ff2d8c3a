// Elements without HTML strings: whatever a user wrote goes in as text.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null));
  return made;
}

// Changes the text only where it differs: selections, focus and screen readers are left in peace.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// A button that makes no sense just now keeps the focus: `disabled` would take it, and a keyboard begin at the top again.
export function allow(button, enabled) {
  attribute(button, "aria-disabled", String(!enabled));
}

export function whenAllowed(button, action) {
  button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") !== "true") action(); });
}

// Keys typed into a field are not the notebook's.
export function keepKeys(field) {
  field.setAttribute("data-lm-suppress-shortcuts", "true");
  field.addEventListener("keydown", event => event.stopPropagation());
  return field;
}
