import { allCases, runCases, startProduct } from '@rollcall/conformance';
import { expect, it } from 'vitest';

it('does over real sockets what every quick conformance case asks', async () => {
  const product = await startProduct('standalone');
  try {
    const results = await runCases(
      allCases.filter(({ slow }) => slow !== true),
      product,
    );
    expect(results.length).toBeGreaterThan(100);
    expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
  } finally {
    await product.stop();
  }
});
