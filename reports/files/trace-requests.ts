import type { ArmTrace, PathStep, TracedRequest } from '../../sim/trace/trace-result.ts';
import { componentNames, mainComponent, microsecondsByComponent } from './component-names.ts';
import { type CompleteEvent, span } from './trace-events.ts';
import type { Place, TraceIds } from './trace-ids.ts';

/** The rows of the requests of an arm: the request, below it the steps of its critical path, below these what they consist of. */
export function* requestEvents({ arm, requests }: ArmTrace, ids: TraceIds): Generator<CompleteEvent> {
  for (const request of requests) {
    const place = ids.request(request);
    yield requestEvent(arm, request, place);
    for (const step of request.path) {
      yield stepEvent(arm, request, step, place);
      yield* partEvents(step, place);
    }
  }
}

function requestEvent(arm: string, request: TracedRequest, place: Place): CompleteEvent {
  const { number, why, arrivalS, endS, candidates, batches, rpcs, components } = request;
  return {
    ph: 'X',
    name: `request ${number}`,
    cat: 'request',
    ...place,
    ...span(arrivalS, endS),
    args: {
      arm,
      request: number,
      why: why.join(', '),
      candidates,
      batches,
      rpcs,
      components_us: microsecondsByComponent(components),
    },
  };
}

function stepEvent(
  arm: string,
  { number }: TracedRequest,
  { kind, name, fromS, toS, parts }: PathStep,
  place: Place,
): CompleteEvent {
  return {
    ph: 'X',
    name: kind === 'gate' ? 'batches' : name,
    cat: kind === 'wait' ? 'critical path,wait' : 'critical path',
    ...place,
    ...span(fromS, toS),
    args: { arm, request: number, ...(parts.length > 0 && { component: mainComponent(parts) }) },
  };
}

/** What a task's time counts as, in order, where that is more than one thing. */
function* partEvents({ fromS, toS, parts }: PathStep, place: Place): Generator<CompleteEvent> {
  const spent = parts.filter(({ seconds }) => seconds > 0);
  if (spent.length < 2) return;
  let untilS = fromS;
  for (const { component, seconds } of spent) {
    const startS = untilS;
    untilS = Math.min(startS + seconds, toS);
    yield {
      ph: 'X',
      name: componentNames[component],
      cat: 'component',
      ...place,
      ...span(startS, untilS),
      args: {},
    };
  }
}
