// Where the cards stand: in two columns, some across both.

const WIDE = new Set(["table", "parallel"]);

// For each card "wide", "left" or "right". A card that would have nobody beside it, because the next one is wide or there
// is none, is wide too.
export function placesOfCards(names) {
  const places = [];
  names.forEach((name, i) => {
    const right = places.at(-1) === "left";
    const lone = !right && (i + 1 === names.length || WIDE.has(names[i + 1]));
    places.push(WIDE.has(name) || lone ? "wide" : right ? "right" : "left");
  });
  return places;
}
