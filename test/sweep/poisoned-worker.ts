import { servePoints } from '../../sweep/engines/bullmq-service.ts';
import { parseRedisUrl } from '../../sweep/redis-address.ts';
import { echo, echoBundle } from './echo-engine.ts';

/** A worker that dies of point 5, as of a fault in native code, while it has others in hand. */
const onPoint = ({ index }: { index: number }) => {
  if (index === 5) process.exit(9);
};

await servePoints(parseRedisUrl(process.argv[2], 'url'), {
  makeEngine: () => echo({ onPoint, perPointMs: 20 }),
  product: echoBundle.product,
  threads: 4,
  lostAfterS: 0.4,
  idleS: 1.5,
  graceS: 0,
  signal: new AbortController().signal,
  notice: () => {},
});
process.exit(0);
