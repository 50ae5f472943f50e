/**
 * Maps items as they come, several at a time, and yields answers in the order in which they are ready. An item is taken
 * only when there is room for it. Once aborted no more are taken; those in hand are waited for.
 */
export async function* inParallel<Item, Answer>(
  items: AsyncIterable<Item>,
  map: (item: Item) => Promise<Answer>,
  width: number,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  const iterator = items[Symbol.asyncIterator]();
  const ready: Answer[] = [];
  let inHand = 0;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  const aborted = () => {
    isOver = true;
    wake();
  };
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  const start = (item: Item) => {
    inHand++;
    map(item).then((answer) => {
      inHand--;
      ready.push(answer);
      wake();
    }, fail);
  };
  let isTaking = false;
  const take = () => {
    if (isTaking || isOver || inHand + ready.length >= width) return;
    isTaking = true;
    iterator.next().then(({ done, value }) => {
      isTaking = false;
      if (done) isOver = true;
      // An item that was already taken when the end was called is given back to nobody: it is not begun.
      else if (!isOver) start(value);
      take();
      wake();
    }, fail);
  };
  if (signal.aborted) isOver = true;
  signal.addEventListener('abort', aborted, { once: true });
  try {
    for (;;) {
      take();
      while (ready.length > 0) {
        yield ready.shift() as Answer;
        take();
      }
      if (failure) throw failure.error;
      if (isOver && inHand === 0) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        // What happened before this promise woke nobody.
        if (ready.length > 0 || failure || (isOver && inHand === 0)) resolve();
      });
    }
  } finally {
    isOver = true;
    signal.removeEventListener('abort', aborted);
  }
}
