/** One process of the load generator: takes orders from its parent, keeps its phones from one to the next. */
import type { WorkerOrder } from './order.ts';
import { OrderRun } from './run-order.ts';
import { makePhone, type Phone } from './sip-text.ts';

const fleets = new Map<string, Map<number, Phone>>();
let runs = 0;

/** The phones that belong to one server: their nonces are good there only. */
function fleetOf(server: string): (index: number) => Phone {
  let fleet = fleets.get(server);
  if (fleet === undefined) {
    fleet = new Map();
    fleets.set(server, fleet);
  }
  const phones = fleet;
  return (index) => {
    let phone = phones.get(index);
    if (phone === undefined) {
      phone = makePhone(index);
      phones.set(index, phone);
    }
    return phone;
  };
}

process.on('message', (order: WorkerOrder) => {
  runs += 1;
  const run = `${process.pid.toString(36)}x${runs.toString(36)}x`;
  const phones = fleetOf(`${order.server.host}:${order.server.port}`);
  new OrderRun(order, run, phones).run().then(
    (outcome) => process.send?.({ outcome }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
