/** Writes what reflection tells: a part of `npm run generate`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descriptorsPath, renderDescriptors } from './descriptors.ts';
import { root } from './run.ts';

writeFileSync(join(root, descriptorsPath), renderDescriptors());
