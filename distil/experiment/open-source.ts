import { basename } from 'node:path';
import { counted } from '../../foundation/counted.ts';
import type { StreamReport } from '../streams/check.ts';
import { readLayout } from '../streams/csv/layout.ts';
import { readCsvStream } from '../streams/csv/read-csv.ts';
import { flightStream } from '../streams/flights/flight-stream.ts';
import { readFlights } from '../streams/flights/read-flights.ts';
import type { ExampleStream } from '../streams/stream.ts';
import { syntheticOptions } from '../streams/synthetic/options.ts';
import { syntheticStream } from '../streams/synthetic/synthetic-stream.ts';
import type { SourceSpec } from './spec.ts';

/** A stream that was opened and checked. */
export interface OpenedSource {
  stream: ExampleStream;
  report: StreamReport;
  description: string;
  /** Of each task, the probabilities that labels were drawn with, where they are known. */
  truth: Float32Array[] | undefined;
}

/** @throws InputError where the source is absent, or cannot be trained on */
export async function openSource(source: SourceSpec): Promise<OpenedSource> {
  switch (source.kind) {
    case 'flights': {
      const description = 'Flights of 2001 in the United States (US DOT, from the package vega-datasets)';
      return { ...flightStream(await readFlights(), source.options), description, truth: undefined };
    }
    case 'synthetic': {
      const options = syntheticOptions(source.options);
      const { stream, report, truth } = syntheticStream(options);
      const drift =
        options.drift_days === null
          ? 'nothing drifts'
          : `effects drift in ${counted(options.drift_days, 'day')}`;
      return { stream, report, truth, description: `Drawn from a world that is known: ${drift}` };
    }
    case 'csv': {
      const opened = await readCsvStream(source.file, readLayout(source.layout));
      return { ...opened, description: `From ${basename(source.file)}`, truth: undefined };
    }
  }
}
