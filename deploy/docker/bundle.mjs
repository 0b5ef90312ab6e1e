/**
 * Lays out what one program needs to run, inside the image build: `node bundle.mjs edge /app`.
 *
 * It starts at the program's package.json and follows production dependencies as Node resolves them, through the packages that
 * `npm ci` installed from the lock file: nothing is fetched, nothing depends on when or where it runs, and what only
 * tests need stays behind. (`npm ci --omit=dev --workspace` takes packages along that other workspaces need.)
 */
import {
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [program, target] = process.argv.slice(2);
if (program === undefined || target === undefined) throw new Error('usage: bundle.mjs <program> <folder>');
const source = process.cwd();

/** What a package's author and its compiler read. */
const superfluous = /\.(map|md|markdown|ts|mts|cts|tsbuildinfo|flow)$|\.test\.js$/;
/** Of a workspace, only these; of other packages, everything. */
const ownParts = ['package.json', 'dist', 'demo-subscribers.yaml'];

/** Folders of packages, as they are below the repository's root. */
const needed = new Set();
follow(`services/${program}`);
for (const folder of [...needed].sort()) layOut(folder);
for (const file of ['package.json', 'REVISION', 'LICENSE']) cpSync(join(source, file), join(target, file));
writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(), undefined, 1)}\n`);
stopTime(target);

function follow(folder) {
  if (needed.has(folder)) return;
  needed.add(folder);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifestOf(folder);
  for (const name of Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
    const found = resolve(folder, name);
    if (found !== undefined) {
      follow(found);
    } else if (name in dependencies && !(name in optionalDependencies)) {
      throw new Error(`${folder} needs ${name}, which is not installed`);
    }
  }
}

/** The folder that Node finds a package in, from another one; a workspace's own folder, not the link to it. */
function resolve(folder, name) {
  for (let at = join(source, folder); at.startsWith(source); at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(candidate)) return relative(source, realpathSync(candidate));
  }
  return undefined;
}

function layOut(folder) {
  if (folder.includes('node_modules/')) {
    // What is nested in it is a package of its own, and comes if it is needed.
    const nested = join(source, folder, 'node_modules');
    copy(folder, (path) => path !== nested);
    return;
  }
  for (const part of ownParts) {
    if (existsSync(join(source, folder, part))) copy(join(folder, part), () => true);
  }
  const link = join(target, 'node_modules', manifestOf(folder).name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), join(target, folder)), link);
}

/** The same sources give the same layer, whenever they are built: every file has the time of the commit. */
function stopTime(path) {
  const epochSec = Number(process.env.SOURCE_DATE_EPOCH ?? 0);
  for (const { name, parentPath } of readdirSync(path, { withFileTypes: true, recursive: true }))
    lutimesSync(join(parentPath, name), epochSec, epochSec);
  lutimesSync(path, epochSec, epochSec);
}

function copy(path, wanted) {
  cpSync(join(source, path), join(target, path), {
    recursive: true,
    filter: (each) => wanted(each) && !superfluous.test(each),
  });
}

/** CycloneDX: the packages of others, with the digests that the lock file has. */
function billOfMaterials() {
  const locked = JSON.parse(readFileSync(join(source, 'package-lock.json'), 'utf8')).packages;
  const others = [...needed].filter((folder) => folder.includes('node_modules/')).sort();
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', name: `rollcall-${program}`, version: manifestOf('.').version },
    },
    components: others.map((folder) => componentOf(manifestOf(folder), locked[folder]?.integrity ?? '')),
  };
}

function componentOf({ name, version, license }, integrity) {
  const [algorithm, digest] = integrity.split('-');
  const hashed = algorithm === 'sha512';
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
    ...(hashed
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
      : {}),
  };
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(source, folder, 'package.json'), 'utf8'));
}
