// Where the cards stand: in two columns, some across both.

// For each card "wide", "left" or "right". A card that would have nobody beside it, because the next one is wide or there
// is none, is wide too.
export function placesOfCards(panels) {
  const places = [];
  panels.forEach(({ wide }, i) => {
    const right = places.at(-1) === "left";
    const lone = !right && (i + 1 === panels.length || panels[i + 1].wide);
    places.push(wide || lone ? "wide" : right ? "right" : "left");
  });
  return places;
}
