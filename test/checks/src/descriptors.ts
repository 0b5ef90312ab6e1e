import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './run.ts';

/** Where the generated text is kept. */
export const descriptorsPath = 'libs/rpc/src/location-descriptors.ts';

/** The public contract in binary form, as the text of a module: servers tell it by reflection. */
export function renderDescriptors(): string {
  const args = ['--path', 'proto/rollcall/location/v1', '--exclude-source-info', '-o', '-#format=binpb'];
  const set = execFileSync(join(root, 'node_modules/.bin/buf'), ['build', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const files = splitSet(set).map((file) => `  '${file.toString('base64')}',\n`);
  return `/**
 * Made from proto/ by \`npm run generate\`; do not edit. The files of the public contract and those that they import, each a
 * FileDescriptorProto in base64.
 */
export const locationDescriptors: readonly string[] = [
${files.join('')}];
`;
}

/** A FileDescriptorSet is nothing but its files: field 1, each with its length before it. */
function splitSet(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  let at = 0;
  while (at < set.length) {
    if (set[at] !== 0x0a) throw new Error('no FileDescriptorSet');
    let length = 0;
    let shift = 0;
    let byte = 0x80;
    for (at += 1; byte >= 0x80; at += 1) {
      byte = set[at] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
