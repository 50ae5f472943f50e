import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { airportVerticals } from '../../../distil/streams/flights/airports.ts';
import { flightStream } from '../../../distil/streams/flights/flight-stream.ts';
import { type Flights, flightsFile, readFlights } from '../../../distil/streams/flights/read-flights.ts';
import { dayStarts, fieldNamed, overlapOf, taskNamed } from '../../../distil/streams/stream.ts';
import { laterMessageOf, messageOf } from '../../input-error.ts';

/** Saturday, the sixth of January 2001. */
const saturdayS = Date.UTC(2001, 0, 6) / 1000;

/** Four flights: two on a Saturday, one at midnight, one on the Sunday. */
function fewFlights(): Flights {
  return {
    size: 4,
    departureS: Float64Array.of(
      saturdayS + 3600 * 5.5,
      saturdayS + 3600 * 23,
      saturdayS + 86_400,
      saturdayS + 90_000,
    ),
    delayMin: Int32Array.of(-5, 20, 15, 31),
    distance: Int32Array.of(249, 250, 1000, 21),
    origin: Int32Array.of(0, 1, 2, 0),
    destination: Int32Array.of(1, 0, 0, 1),
    airports: ['JFK', 'LAX', 'OAK'],
  };
}

const few = suite('streams: flights, few of them');

few('fields are what they say', () => {
  const { stream } = flightStream(fewFlights(), { verticals: 1 });
  const ids = (name: string) => [...fieldNamed(stream, name).ids];
  assert.equal([...stream.impressionS], [19_800, 82_800, 86_400, 90_000]);
  assert.equal(ids('hour'), [5, 23, 0, 1]);
  assert.equal(ids('weekday'), [5, 5, 6, 6]);
  assert.equal(ids('distance'), [0, 1, 4, 0]);
  assert.equal(fieldNamed(stream, 'route').values, ['JFK-LAX', 'LAX-JFK', 'OAK-JFK']);
  assert.equal(ids('route'), [0, 1, 2, 0]);
  assert.equal(ids('origin-hour'), [5, 24 + 23, 48, 1]);
});

few('a delay is one beyond its threshold, and known when it is overdue', () => {
  const { stream, report } = flightStream(fewFlights(), { verticals: 1 });
  const late = taskNamed(stream, 'delay>15');
  assert.equal([...late.labels], [0, 1, 0, 1]);
  assert.equal([...late.delayS], [0, 900, 900, 900]);
  assert.equal([...taskNamed(stream, 'delay>30').delayS], [0, 1200, 900, 1800]);
  assert.equal(
    report.tasks.map(({ positives }) => positives),
    [2, 1],
  );
});

few('verticals have the flights from their airports, or to them too', () => {
  const verticals = [
    { name: 'east', airports: ['JFK'] },
    { name: 'west', airports: ['LAX'] },
  ];
  const departures = flightStream(fewFlights(), { verticals, reach: 'departures' });
  assert.equal([...departures.stream.members], [1, 2, 0, 1]);
  assert.is(departures.report.inNoVertical, 1);
  const both = flightStream(fewFlights(), { verticals, reach: 'departures and arrivals' });
  assert.equal([...both.stream.members], [3, 3, 1, 3]);
});

few('an airport without flights and too many verticals are refused', () => {
  const verticals = [{ name: 'east', airports: ['JKF'] }];
  assert.match(
    messageOf(() => flightStream(fewFlights(), { verticals })),
    "airport 'JKF' (did you mean 'JFK'?)",
  );
  assert.match(
    messageOf(() => airportVerticals(fewFlights(), 4)),
    'expected 1 to 3 verticals, got 4',
  );
});

few('a file that is no Parquet is refused by its name', async () => {
  const file = join(tmpdir(), `rankfleet-no-parquet-${process.pid}`);
  writeFileSync(file, 'date,delay\n');
  const message = await laterMessageOf(() => readFlights(file));
  rmSync(file);
  assert.match(message, file);
});

few.run();

const all = suite('streams: flights, all of them');
const hasThem = hasPackages();
const check = hasThem ? all : all.skip;

check(`three million by time${hasThem ? '' : ': vega-datasets or hyparquet is not installed'}`, async () => {
  const flights = await readFlights(flightsFile());
  const { stream, report } = flightStream(flights);
  assert.is(report.examples, 3_000_000);
  assert.equal(
    report.tasks.map(({ unlabelled }) => unlabelled),
    [0, 0],
  );
  assert.is(report.tasks[0].positives, 599_055);
  assert.is(fieldNamed(stream, 'route').cardinality, 3399);
  assert.is(new Set(flights.origin).size, 229);
  assert.is(new Set(flights.destination).size, 228);
  const { perVertical, union, overlap } = overlapOf(stream);
  assert.is(union, 3_000_000);
  assert.is(overlap, 1);
  for (const count of perVertical) assert.ok(Math.abs(count / 375_000 - 1) < 0.2, `${count}`);
  const starts = dayStarts(stream);
  assert.is(starts.length - 1, 182);
  for (let day = 0; day < 180; day++) assert.ok(starts[day + 1] - starts[day] > 5000, `day ${day}`);
});

all.run();

function hasPackages(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of ['vega-datasets', 'hyparquet', 'hyparquet-compressors']) resolve(name);
    return true;
  } catch {
    return false;
  }
}
