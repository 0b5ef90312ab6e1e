import { expect, it } from 'vitest';
import { AorQueue } from './aor-queue.ts';

/** An update that ends when the test says. */
function openUpdate(log: string[], name: string) {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    log.push(`${name} starts`);
    await promise;
    log.push(`${name} ends`);
  };
  return { run, end };
}

it('R10.3-0c: runs the updates of one AOR one after the other, in order of arrival', async () => {
  const queue = new AorQueue();
  const log: string[] = [];
  const updates = ['a', 'b', 'c'].map((name) => openUpdate(log, name));
  const done = updates.map(({ run }) => queue.run('sip:x', run));
  for (const { end } of [...updates].reverse()) end();
  await Promise.all(done);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

it('runs the updates of different AORs side by side', async () => {
  const queue = new AorQueue();
  const log: string[] = [];
  const [a, b] = [openUpdate(log, 'a'), openUpdate(log, 'b')];
  const done = [queue.run('sip:a', a.run), queue.run('sip:b', b.run)];
  expect(log).toEqual(['a starts', 'b starts']);
  a.end();
  b.end();
  await Promise.all(done);
});

it('goes on after an update that failed', async () => {
  const queue = new AorQueue();
  const failing = queue.run('sip:x', () => Promise.reject(new Error('no')));
  const next = queue.run('sip:x', () => Promise.resolve(1));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe(1);
});

it('refuses at once what would wait behind too many', async () => {
  const queue = new AorQueue();
  const first = openUpdate([], 'first');
  const running = queue.run('sip:x', first.run);
  const waiting = Array.from({ length: 256 }, () => queue.run('sip:x', () => Promise.resolve()));
  await expect(queue.run('sip:x', () => Promise.resolve())).rejects.toMatchObject({ reason: 'AOR_BUSY' });
  first.end();
  await Promise.all([running, ...waiting]);
});
