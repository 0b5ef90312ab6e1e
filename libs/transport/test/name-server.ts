import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as packet from 'dns-packet';

/** A name server on loopback that knows the given records; 'silent' names get no answer at all. */
export async function startNameServer(
  records: readonly packet.Answer[],
  silent: readonly string[] = [],
): Promise<{ address: string; asked: string[]; close: () => Promise<void> }> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port, address }) => {
    const { id, questions = [] } = packet.decode(bytes);
    const question = questions[0];
    if (question === undefined) return;
    asked.push(`${question.type} ${question.name}`);
    if (silent.includes(question.name)) return;
    const answers = records.filter(({ name, type }) => name === question.name && type === question.type);
    const known = records.some(({ name }) => name === question.name);
    // 3: there is no such name (RFC 1035 section 4.1.1).
    const flags = packet.AUTHORITATIVE_ANSWER | (known ? 0 : 3);
    socket.send(
      packet.encode({ type: 'response', id: id ?? 0, flags, questions, answers: [...answers] }),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
