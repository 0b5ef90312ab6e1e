/**
 * `npm run example:python`: the example in Python as its README has it, word for word, against five processes with Redis: a
 * phone registers, location is killed, the phone leaves, and the example must have said so. Needs python3 and PyPI.
 */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { SipAgent, startRedis, startServices } from '@rollcall/testkit';
import { LineLog } from './line-log.ts';
import { formatSubscribers, makePhones } from './phones.ts';
import { root } from './run-program.ts';
import { makeScratchFolder } from './scratch-folder.ts';

const installTimeoutMs = 300_000;
const lineTimeoutMs = 60_000;
const example = `${root}libs/client/examples/python`;

const [phone] = makePhones('python', 1);
if (phone === undefined) throw new Error('no phone');
const { aor, contact, password } = phone;
const scratch = await makeScratchFolder();
// The example in a place of its own, with the protos where it looks for them.
const folder = join(scratch.path, 'libs/client/examples/python');
await mkdir(join(scratch.path, 'libs/client/examples'), { recursive: true });
await cp(example, folder, { recursive: true });
await symlink(`${root}proto`, join(scratch.path, 'proto'));
const commands = /```sh\n([\s\S]*?)```/.exec(await readFile(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
const runAt = commands.lastIndexOf('\n', commands.trimEnd().length - 1) + 1;
const [prepare, run] = [commands.slice(0, runAt), commands.slice(runAt)];

console.error('python: the packages are installed and the protos compiled …');
await promisify(execFile)('sh', ['-ec', prepare], { cwd: folder, timeout: installTimeoutMs });

const redis = await startRedis();
const cluster = await startServices({
  redisUrl: redis.url,
  env: { AUTH_SUBSCRIBERS: `file:${await scratch.write('subscribers.yaml', formatSubscribers([phone]))}` },
});
const command = run.replace('sip:alice@example.com', aor).replace('localhost:50053', cluster.locationApi);
const log = new LineLog();
const says = (text: string) => {
  const said = log.next((line) => line.startsWith(text), text, lineTimeoutMs);
  // Whoever fails before says why.
  said.catch(() => undefined);
  return said;
};
const unregistered = says(`${aor} is not registered`);
const child = spawn('sh', ['-c', `exec ${command.trim()}`], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'pipe'],
});
for (const stream of [child.stdout, child.stderr])
  createInterface({ input: stream }).on('line', (line) => {
    console.log(line);
    log.add(line);
  });
try {
  await unregistered;
  const agent = new SipAgent({ transport: 'udp', server: cluster.sip });
  const created = says(`created ${aor} ${contact}`);
  await agent.register({ aor, password, contact: `<${contact}>`, expires: 600 });
  await created;
  console.error('python: location is killed and starts again …');
  await cluster.program('location').kill('SIGKILL');
  await cluster.program('location').start();
  const removed = says(`removed ${aor} ${contact}`);
  let status = 503;
  while (status === 503)
    status = (await agent.register({ aor, password, contact: `<${contact}>`, expires: 0 })).status;
  await removed;
  await agent.close();
  console.error('python: the example says what its README says');
} finally {
  child.kill('SIGTERM');
  await cluster.stop();
  await redis.stop();
  await scratch.remove();
}
