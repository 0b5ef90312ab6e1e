/**
 * The contracts: lint, compatibility with the last release, and that the committed stubs are what the contracts
 * generate.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptorsPath, renderDescriptors } from './descriptors.ts';
import { root, runTool } from './run.ts';

function readTree(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files.map((each) => {
      const path = join(each.parentPath, each.name);
      return [path.slice(folder.length), readFileSync(path, 'utf8')];
    }),
  );
}

runTool('buf', 'lint');
// The contracts as last released: `npm run proto:release` writes them.
runTool('buf', 'breaking', 'proto', '--against', 'proto/released.binpb#format=binpb', '--exclude-imports');

const fresh = mkdtempSync(join(tmpdir(), 'rollcall-stubs-'));
try {
  const committed = join(root, 'libs/rpc/src/gen');
  runTool('buf', 'generate', '--output', fresh);
  const expected = readTree(join(fresh, 'libs/rpc/src/gen'));
  const actual = readTree(committed);
  const differing = [...new Set([...expected.keys(), ...actual.keys()])].filter(
    (path) => expected.get(path) !== actual.get(path),
  );
  if (differing.length > 0) {
    console.error(
      `libs/rpc/src/gen is not what proto/ generates; run "npm run generate" and commit:\n${differing.join('\n')}`,
    );
    process.exit(1);
  }
  if (readFileSync(join(root, descriptorsPath), 'utf8') !== renderDescriptors()) {
    console.error(`${descriptorsPath} is not what proto/ generates; run "npm run generate" and commit`);
    process.exit(1);
  }
  console.log(`proto: linted; ${expected.size} generated files are as committed`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
