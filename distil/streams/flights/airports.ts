import { didYouMean } from '../../../foundation/near-name.ts';
import { InputError } from '../../../foundation/problem.ts';
import { maxVerticals } from '../stream.ts';
import type { Flights } from './read-flights.ts';

/** A vertical of the stream of flights: the flights that leave from some airports, or also those that arrive. */
export interface AirportVertical {
  name: string;
  airports: string[];
}

/** Whether a vertical has the flights from its airports only (no overlap) or those to them too. */
export type Reach = 'departures' | 'departures and arrivals';

/**
 * Deals all airports to verticals of about equal traffic: the busiest first, there and back again.
 * @param count number of verticals, at most 32 and at most one an airport
 */
export function airportVerticals(flights: Flights, count: number): AirportVertical[] {
  const most = Math.min(maxVerticals, flights.airports.length);
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new InputError(`expected 1 to ${most} verticals, got ${count}`);
  const departures = new Int32Array(flights.airports.length);
  for (let row = 0; row < flights.size; row++) departures[flights.origin[row]]++;
  const order = [...departures.keys()].sort((a, b) => departures[b] - departures[a] || a - b);
  const verticals = Array.from({ length: count }, (_, v): AirportVertical => {
    return { name: `airports-${v}`, airports: [] };
  });
  for (const [place, airport] of order.entries()) {
    const [round, seat] = [Math.floor(place / count), place % count];
    verticals[round % 2 === 0 ? seat : count - 1 - seat].airports.push(flights.airports[airport]);
  }
  return verticals;
}

/**
 * The verticals of each flight, as bits.
 * @throws InputError for an airport that no flight has, or more verticals than there are bits
 */
export function membersOf(
  flights: Flights,
  verticals: readonly AirportVertical[],
  reach: Reach,
): Uint32Array {
  if (verticals.length > maxVerticals)
    throw new InputError(`a stream has at most ${maxVerticals} verticals, got ${verticals.length}`);
  const bits = new Uint32Array(flights.airports.length);
  const position = new Map(flights.airports.map((code, id) => [code, id]));
  for (const [v, { name, airports }] of verticals.entries()) {
    for (const code of airports) {
      const id = position.get(code);
      if (id === undefined)
        throw new InputError(
          `vertical ${name}: no flight has airport '${code}'${didYouMean(code, flights.airports)}`,
        );
      bits[id] |= 1 << v;
    }
  }
  const { origin, destination, size } = flights;
  const members = new Uint32Array(size);
  const withArrivals = reach === 'departures and arrivals';
  for (let row = 0; row < size; row++)
    members[row] = bits[origin[row]] | (withArrivals ? bits[destination[row]] : 0);
  return members;
}
