/**
 * Shows that two builds of one commit give the same images: `npm run images:compare`. Takes minutes, so CI does not run it.
 *
 * Each build is of a clone of its own of HEAD, and has bases of its own, which differ from the real ones by a label: no
 * layer of the first build, or of any before, can stand in the second one's cache. Then the images are saved and compared,
 * layer by layer by digest, and by their configuration less its times. Where a layer differs, its files say how.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const programs = ['edge', 'registrar', 'auth', 'location', 'redirect', 'rollcall', 'standalone'];
const bases = {
  BUILD_IMAGE: process.env.BUILD_IMAGE ?? 'node:24-bookworm-slim',
  RUN_IMAGE: process.env.RUN_IMAGE ?? 'gcr.io/distroless/nodejs24-debian12:nonroot',
};
const registry = `rollcall-compare-${process.pid}`;
const passLabel = 'rollcall.compare.pass';
const mostLines = 20;

const folder = mkdtempSync(join(tmpdir(), 'rollcall-compare-'));
const made = [];
try {
  console.log(`comparing two builds of ${run('git', ['rev-parse', 'HEAD'])}`);
  for (const pass of ['one', 'two']) build(pass);
  const rows = programs.map((program) => compare(program));
  for (const { program, layers, same } of rows)
    console.log(`${program.padEnd(12)}${layers} layers  ${same ? 'the same' : 'NOT the same'}`);
  if (rows.some(({ same }) => !same)) process.exitCode = 1;
} finally {
  run('docker', ['image', 'rm', ...made]);
  rmSync(folder, { recursive: true });
}

function build(pass) {
  const clone = join(folder, pass);
  run('git', ['clone', '--quiet', '--no-hardlinks', run('git', ['rev-parse', '--show-toplevel']), clone]);
  const own = Object.entries(bases).map(([name, base]) => [
    name,
    labelled(base, `${registry}/${name}:${pass}`.toLowerCase(), pass),
  ]);
  const beganAtMs = performance.now();
  made.push(...programs.map((program) => imageOf(program, pass)));
  run('bash', ['deploy/docker/build-images', ...programs], {
    cwd: clone,
    env: { ...process.env, ...Object.fromEntries(own), REGISTRY: registry, TAG: pass },
  });
  console.log(`build ${pass} took ${Math.round((performance.now() - beganAtMs) / 1000)} s`);
}

/** The same image under another identity. */
function labelled(base, name, pass) {
  const input = `FROM ${base}\nLABEL ${passLabel}="${registry} ${pass}"\n`;
  run('docker', ['build', '--quiet', '--tag', name, '-'], { input });
  made.push(name);
  return name;
}

function imageOf(program, pass) {
  return `${registry}/rollcall/${program}:${pass}`;
}

function compare(program) {
  const [one, two] = ['one', 'two'].map((pass) => save(program, pass));
  const layers = Math.max(one.layers.length, two.layers.length);
  const differences = one.config === two.config ? [] : [`configuration: ${one.config}\n${two.config}`];
  for (let index = 0; index < layers; index += 1) {
    const [before, after] = [one.layers[index], two.layers[index]];
    if (before?.digest !== after?.digest) differences.push(`layer ${index + 1}:`, ...differ(before, after));
  }
  for (const line of differences.slice(0, mostLines)) console.error(`${program}: ${line}`);
  for (const { path } of [one, two]) rmSync(path, { recursive: true });
  return { program, layers, same: differences.length === 0 };
}

/** What `docker save` has of an image. */
function save(program, pass) {
  const path = join(folder, `${program}-${pass}`);
  mkdirSync(path);
  run('docker', ['save', '--output', `${path}.tar`, imageOf(program, pass)]);
  run('tar', ['-xf', `${path}.tar`, '-C', path]);
  rmSync(`${path}.tar`);
  const [manifest] = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
  const { config, rootfs, architecture, os } = JSON.parse(readFileSync(join(path, manifest.Config), 'utf8'));
  // The builder's name for the parent, and our own mark.
  delete config.Image;
  delete config.Labels?.[passLabel];
  return {
    path,
    config: JSON.stringify({ config, rootfs, architecture, os }),
    layers: manifest.Layers.map((layer) => {
      const file = join(path, layer);
      return { file, digest: createHash('sha256').update(readFileSync(file)).digest('hex') };
    }),
  };
}

/** The lines of the two layers' listings (modes, owners, times, digests) that only one of them has. */
function differ(one, two) {
  const [before, after] = [one, two].map((layer) => new Set(layer === undefined ? [] : listing(layer.file)));
  return [
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
}

function listing(file) {
  const facts = run('tar', ['-tvf', file, '--full-time', '--numeric-owner']).split('\n');
  const digests = run('tar', ['-xf', file, '--to-command', 'echo "$TAR_FILENAME $(sha256sum)"']).split('\n');
  return [...facts, ...digests];
}

/** What a command says; its last words where it fails. */
function run(command, args, options = {}) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options,
    }).trim();
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}`.slice(-2000));
    throw new Error(`${command} ${args.slice(0, 3).join(' ')}: ${`${error.stderr ?? error}`.slice(-2000)}`);
  }
}
