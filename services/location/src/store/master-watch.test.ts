import { expect, it } from 'vitest';
import { MasterWatch } from './master-watch.ts';

function watch() {
  let failovers = 0;
  const masters = new MasterWatch(() => {
    failovers += 1;
  });
  return { see: (...addresses: string[]) => masters.see(addresses), failovers: () => failovers };
}

it('counts a master that takes over from the one before', () => {
  const { see, failovers } = watch();
  see('a:1');
  see('a:1');
  expect(failovers()).toBe(0);
  see('b:1');
  expect(failovers()).toBe(1);
  see('a:1');
  expect(failovers()).toBe(2);
});

it('counts one of a cluster, though it is missing for a while', () => {
  const { see, failovers } = watch();
  see('a:1', 'b:1', 'c:1');
  see('b:1', 'c:1');
  see();
  expect(failovers()).toBe(0);
  see('b:1', 'c:1', 'd:1');
  expect(failovers()).toBe(1);
});

it('counts neither one that comes back nor one that is added or taken away', () => {
  const { see, failovers } = watch();
  see('a:1', 'b:1');
  see('a:1');
  see('a:1', 'b:1');
  see('a:1', 'b:1', 'c:1');
  see('a:1', 'b:1');
  expect(failovers()).toBe(0);
});
