import {
  type DataTable,
  dataTable,
  flagColumn,
  numberColumn,
  textColumn,
} from '../../foundation/data-table.ts';
import type { Result } from '../../sim/result.ts';

/** Tables of the operators of a typical batch, and of what bounds the devices that run them. */
export const operatorTables = {
  operators: operatorsTable,
  rooflines: rooflinesTable,
  'measured-points': measuredPointsTable,
};

/** What each arm runs; nothing in results of versions that did not keep it. */
function operatorsTable({ operators }: Result): DataTable | undefined {
  if (!operators) return undefined;
  const items = operators.flatMap(({ shares, ...operator }) =>
    Object.entries(shares).map(([arm, share]) => ({ arm, share, ...operator })),
  );
  return dataTable(items, [
    textColumn('arm', ({ arm }) => arm),
    textColumn('device', ({ device }) => device),
    textColumn('net', ({ net }) => net),
    textColumn('operator', ({ name }) => name),
    textColumn('kind', ({ kind }) => kind),
    textColumn('data_type', ({ dataType }) => dataType),
    textColumn('shape', ({ shape }) => shape),
    flagColumn('is_preprocessing', ({ isPreprocessing }) => isPreprocessing ?? false),
    numberColumn('flop', ({ flops }) => flops),
    numberColumn('bytes', ({ bytes }) => bytes),
    textColumn('bytes_from', ({ bytesFrom }) => bytesFrom),
    numberColumn('cached_bytes', ({ cachedBytes }) => cachedBytes),
    numberColumn('time_s', ({ seconds }) => seconds),
    numberColumn('least_time_s', ({ speedOfLightS }) => speedOfLightS),
    numberColumn('roofline_share', ({ seconds, speedOfLightS }) =>
      seconds > 0 ? speedOfLightS / seconds : undefined,
    ),
    numberColumn('time_share', ({ share }) => share),
    textColumn('evidence', ({ evidence }) => evidence),
    numberColumn('log_error', ({ logError }) => logError),
  ]);
}

/** Roofs of each device: compute by data type, memory, cache. */
function rooflinesTable({ rooflines }: Result): DataTable | undefined {
  if (!rooflines) return undefined;
  const items = Object.entries(rooflines).flatMap(
    ([device, { unit, calibratedLike, peakFlopPerS, memoryBytesPerS, cacheBytesPerS }]) => {
      const own = { device, unit, calibratedLike };
      return [
        ...Object.entries(peakFlopPerS).map(([dataType, roof]) => ({
          ...own,
          bounds: 'compute',
          dataType,
          flopPerS: roof.value,
          bytesPerS: undefined,
          ...roof,
        })),
        ...[
          { bounds: 'memory', roof: memoryBytesPerS },
          ...(cacheBytesPerS ? [{ bounds: 'cache', roof: cacheBytesPerS }] : []),
        ].map(({ bounds, roof }) => ({
          ...own,
          bounds,
          dataType: undefined,
          flopPerS: undefined,
          bytesPerS: roof.value,
          ...roof,
        })),
      ];
    },
  );
  return dataTable(items, [
    textColumn('device', ({ device }) => device),
    textColumn('unit', ({ unit }) => unit),
    textColumn('bounds', ({ bounds }) => bounds),
    textColumn('data_type', ({ dataType }) => dataType),
    numberColumn('flop_per_s', ({ flopPerS }) => flopPerS),
    numberColumn('bytes_per_s', ({ bytesPerS }) => bytesPerS),
    textColumn('calibrated_like', ({ calibratedLike }) => calibratedLike),
    textColumn('evidence', ({ evidence }) => evidence),
    textColumn('source', ({ source }) => source),
  ]);
}

/** Measured points of the kinds that the arms run, beside what the fit to all others says of each. */
function measuredPointsTable({ rooflines }: Result): DataTable | undefined {
  if (!rooflines) return undefined;
  const items = Object.entries(rooflines).flatMap(([device, { measured = [] }]) =>
    measured.flatMap(({ operator, dataType, implementation, flops, bytes, seconds, predictedS }) =>
      flops.map((flop, point) => ({
        device,
        operator,
        dataType,
        implementation,
        flop,
        bytes: bytes[point],
        timeS: seconds[point],
        predictedS: predictedS[point],
      })),
    ),
  );
  return dataTable(items, [
    textColumn('device', ({ device }) => device),
    textColumn('operator', ({ operator }) => operator),
    textColumn('data_type', ({ dataType }) => dataType),
    textColumn('implementation', ({ implementation }) => implementation),
    numberColumn('flop', ({ flop }) => flop),
    numberColumn('bytes', ({ bytes }) => bytes),
    numberColumn('time_s', ({ timeS }) => timeS),
    numberColumn('predicted_s', ({ predictedS }) => predictedS),
  ]);
}
