/**
 * Giving others their turn: one round of the event loop, without the 4 ms that nested timers are
 * held back (HTML §8.6 "timers").
 *
 * @module
 */

/** Node's ports keep the process alive while they listen; the platform's have no such methods. */
interface Port extends MessagePort {
  ref?(): void;
  unref?(): void;
}

const waiting: (() => void)[] = [];
let channel: { here: Port; there: Port } | undefined;

/** Resolves in a later task: messages and events that are due come first. */
export function nextTurn(): Promise<void> {
  channel ??= openChannel();
  const { here, there } = channel;
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) here.ref?.();
    there.postMessage(null);
  });
}

function openChannel() {
  const { port1: here, port2: there }: { port1: Port; port2: Port } = new MessageChannel();
  here.onmessage = () => {
    waiting.shift()?.();
    if (waiting.length === 0) here.unref?.();
  };
  here.unref?.();
  there.unref?.();
  return { here, there };
}
