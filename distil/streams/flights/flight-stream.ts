import { checkStream, type StreamReport } from '../check.ts';
import { Dictionary } from '../dictionary.ts';
import { type ExampleStream, type Field, secondsPerDay, type Task } from '../stream.ts';
import { type AirportVertical, airportVerticals, membersOf, type Reach } from './airports.ts';
import type { Flights } from './read-flights.ts';

export interface FlightOptions {
  /** Their number, for a division of all airports into equal traffic, or the verticals themselves. */
  verticals: number | readonly AirportVertical[];
  reach: Reach;
  /** Minutes late beyond which a flight counts as such: a task for each, `delay>15`. */
  thresholdsMin: readonly number[];
}

export const usualFlights: FlightOptions = { verticals: 8, reach: 'departures', thresholdsMin: [15, 30] };

/** Miles of a bucket of distance: the longest flight, of some 5 000 miles, falls into the twentieth. */
const milesPerBucket = 250;

/**
 * The stream of flights: one example a flight, its impression the scheduled departure. Fields, each of ids:
 * `origin`, `destination`, `route`, `hour`, `weekday` (0 is Monday), `distance`, `origin-hour`, `destination-hour`.
 * @throws InputError for verticals that cannot be
 */
export function flightStream(
  flights: Flights,
  options: Partial<FlightOptions> = {},
): { stream: ExampleStream; report: StreamReport } {
  const { verticals, reach, thresholdsMin } = { ...usualFlights, ...options };
  const chosen = typeof verticals === 'number' ? airportVerticals(flights, verticals) : verticals;
  const { size, departureS } = flights;
  const midnight = Math.floor((departureS[0] ?? 0) / secondsPerDay) * secondsPerDay;
  const stream: ExampleStream = {
    name: 'flights',
    size,
    impressionS: departureS.map((time) => time - midnight),
    fields: fieldsOf(flights),
    tasks: thresholdsMin.map((threshold) => lateBy(flights, threshold)),
    verticals: chosen.map(({ name }) => name),
    members: membersOf(flights, chosen, reach),
  };
  return { stream, report: checkStream(stream) };
}

/**
 * Whether a flight is more than some minutes late. That is known when the flight is there, or when it is overdue by
 * those minutes [model choice: the data has no time at which a delay was seen]; of an early flight, at its time.
 */
function lateBy({ delayMin, size }: Flights, thresholdMin: number): Task {
  const labels = new Uint8Array(size);
  const delayS = new Float32Array(size);
  for (let row = 0; row < size; row++) {
    labels[row] = delayMin[row] > thresholdMin ? 1 : 0;
    delayS[row] = 60 * Math.min(Math.max(delayMin[row], 0), thresholdMin);
  }
  return { name: `delay>${thresholdMin}`, labels, delayS };
}

function fieldsOf({ size, departureS, distance, origin, destination, airports }: Flights): Field[] {
  const hour = idColumn(size, (row) => Math.floor((departureS[row] % secondsPerDay) / 3600));
  const weekday = idColumn(size, (row) => weekdayOf(departureS[row]));
  const bucket = idColumn(size, (row) => Math.floor(distance[row] / milesPerBucket));
  const routes = new Dictionary<number>();
  const route = idColumn(size, (row) => routes.idOf(origin[row] * airports.length + destination[row]));
  const routeNames = routes
    .values()
    .map((pair) => `${airports[Math.floor(pair / airports.length)]}-${airports[pair % airports.length]}`);
  const byHour = (ids: Int32Array) => idColumn(size, (row) => 24 * ids[row] + hour[row]);
  const perHour = 24 * airports.length;
  return [
    { name: 'origin', ids: origin, cardinality: airports.length, values: airports },
    { name: 'destination', ids: destination, cardinality: airports.length, values: airports },
    { name: 'route', ids: route, cardinality: routes.size, values: routeNames },
    { name: 'hour', ids: hour, cardinality: 24 },
    { name: 'weekday', ids: weekday, cardinality: 7 },
    { name: 'distance', ids: bucket, cardinality: largest(bucket) + 1 },
    { name: 'origin-hour', ids: byHour(origin), cardinality: perHour },
    { name: 'destination-hour', ids: byHour(destination), cardinality: perHour },
  ];
}

/** What `Int32Array.from` does, several times faster. */
function idColumn(size: number, idOf: (row: number) => number): Int32Array {
  const ids = new Int32Array(size);
  for (let row = 0; row < size; row++) ids[row] = idOf(row);
  return ids;
}

function largest(ids: Int32Array): number {
  let most = 0;
  for (let row = 0; row < ids.length; row++) if (ids[row] > most) most = ids[row];
  return most;
}

/** 0 for Monday: the first of January 1970 was a Thursday. */
function weekdayOf(timeS: number): number {
  return (Math.floor(timeS / secondsPerDay) + 3) % 7;
}
