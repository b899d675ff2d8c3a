// Where the cards stand: in two columns, some across both.

// Whether a card has nothing to show and will have nothing in this search, as far as anybody knows: it takes one line.
export function isLine(card) {
  return card?.end === "not yet" && card.expected === false;
}

// For each card "wide", "left", "right", or "line" where `lines` has its name. A card that would have nobody beside it,
// because the next one is wide or there is none, is wide too; lines give their room to the others.
export function placesOfCards(panels, lines = new Set()) {
  const full = panels.filter(({ name }) => !lines.has(name));
  const places = [];
  full.forEach(({ wide }, i) => {
    const right = places.at(-1) === "left";
    const lone = !right && (i + 1 === full.length || full[i + 1].wide);
    places.push(wide || lone ? "wide" : right ? "right" : "left");
  });
  return panels.map(({ name }) => (lines.has(name) ? "line" : places.shift()));
}
