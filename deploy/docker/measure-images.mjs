/**
 * Says how large the images are, and how long a program takes to start in one: `npm run images:measure`. The median of several
 * starts, one after the other, from `docker run` to the first 200 of /livez; what such a run takes with nothing in it is the row
 * above. Other work on the machine shows in the numbers.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const starts = 5;
const programs = ['edge', 'registrar', 'auth', 'location', 'redirect', 'standalone', 'rollcall'];
const base = process.env.RUN_IMAGE ?? 'gcr.io/distroless/nodejs24-debian12:nonroot';
const subscribers = fileURLToPath(
  new URL('../../services/standalone/demo-subscribers.yaml', import.meta.url),
);
const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));
const tag = process.env.TAG ?? JSON.parse(readFileSync(manifest, 'utf8')).version;
const hardened = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--user', '65532:65532'];

const rows = [['image', 'over its base', 'packages (SBOM)', 'start to /livez']];
rows.push(['the base', megabytes(sizeOf(base)), '', `${await median(startNothing)} ms to run nothing`]);
for (const program of programs) {
  const image = `rollcall/${program}:${tag}`;
  const own = megabytes(sizeOf(image) - sizeOf(base));
  const took = program === 'rollcall' ? '' : `${await median(() => startProgram(program, image))} ms`;
  rows.push([image, own, String(packagesOf(image)), took]);
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows)
  console.log(
    row
      .map((text, column) => text.padEnd(widths[column] + 2))
      .join('')
      .trimEnd(),
  );

function docker(...args) {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

function sizeOf(image) {
  return Number(docker('image', 'inspect', '--format', '{{.Size}}', image));
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function packagesOf(image) {
  const read = "process.stdout.write(require('node:fs').readFileSync('/app/sbom.cdx.json'))";
  return JSON.parse(docker('run', '--rm', '--entrypoint', 'node', image, '-e', read)).components.length;
}

async function median(start) {
  const times = [];
  for (let index = 0; index < starts; index += 1) times.push(await start());
  return Math.round(times.sort((one, other) => one - other)[Math.floor(starts / 2)]);
}

function startNothing() {
  const beganAtMs = performance.now();
  docker('run', '--rm', ...hardened, '--entrypoint', 'node', base, '-e', '0');
  return performance.now() - beganAtMs;
}

async function startProgram(program, image) {
  const mounted =
    program === 'auth'
      ? ['--volume', `${subscribers}:/s.yaml:ro`, '--env', 'AUTH_SUBSCRIBERS=file:/s.yaml']
      : [];
  const beganAtMs = performance.now();
  const id = docker('run', '--detach', ...hardened, ...mounted, image);
  try {
    const address = docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
    while (performance.now() - beganAtMs < 60_000) {
      const answer = await fetch(`http://${address}:8080/livez`).catch(() => undefined);
      if (answer?.ok) return performance.now() - beganAtMs;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${image} did not start: ${docker('logs', id)}`);
  } finally {
    docker('rm', '--force', id);
  }
}
