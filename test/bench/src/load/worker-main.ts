/** One process of the load generator: takes orders from its parent, keeps its phones from one to the next. */
import type { Outcome, WorkerOrder } from './order.ts';
import { OrderRun } from './run-order.ts';
import { makePhone, type Phone } from './sip-text.ts';
import { UdpWires } from './wires.ts';

/** Sockets: phones have addresses of their own, as far as one process can have that cheaply. */
const udpSockets = 32;

/** The phones that belong to one server: their nonces are good there only. */
interface Fleet {
  readonly udp: UdpWires;
  readonly phones: Map<number, Phone>;
}

const fleets = new Map<string, Fleet>();
let runs = 0;

function fleetOf({ server }: WorkerOrder): Fleet {
  const name = `${server.host}:${server.port}`;
  const known = fleets.get(name);
  if (known !== undefined) return known;
  const fleet = { udp: new UdpWires(server, udpSockets), phones: new Map<number, Phone>() };
  fleets.set(name, fleet);
  return fleet;
}

async function carryOut(order: WorkerOrder, run: string): Promise<Outcome> {
  const { udp, phones } = fleetOf(order);
  // Phones on TCP listen on UDP, too.
  const wires = await udp.open();
  const phoneOf = (index: number) => {
    let phone = phones.get(index);
    if (phone === undefined) {
      phone = makePhone(index, wires[index % wires.length]?.port ?? 0);
      phones.set(index, phone);
    }
    return phone;
  };
  return new OrderRun(order, run, udp, phoneOf).run();
}

process.on('message', (order: WorkerOrder) => {
  runs += 1;
  const run = `${process.pid.toString(36)}x${runs.toString(36)}x`;
  carryOut(order, run).then(
    (outcome) => process.send?.({ outcome }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
