import { connectToRollcall } from '@rollcall/client';

// Says where an AOR is, and then each change, until interrupted:
//   npm run example -w @rollcall/client -- sip:alice@example.com [target]
const [aor = 'sip:alice@example.com', target = 'dns:///localhost:50053'] = process.argv.slice(2);

const rollcall = connectToRollcall(target);
for await (const event of rollcall.watch({ aors: [aor] })) {
  if (event.type === 'complete') console.log('listening for changes');
  else if (event.type === 'reset') console.log('starting over');
  else console.log(event.type, event.aor, event.binding?.contact ?? 'all bindings');
}
