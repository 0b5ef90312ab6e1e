/** A server that does nothing but answer: 401 to what has no credentials, 200 to the rest. Shows what the generator can do. */
import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
const rows = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

socket.on('message', (bytes, source) => {
  const text = bytes.toString('latin1');
  let answer = text.includes('\r\nAuthorization: ')
    ? 'SIP/2.0 200 OK\r\n'
    : 'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="0123456789abcdef", qop="auth"\r\n';
  for (const name of rows) {
    const from = text.indexOf(`\r\n${name}: `) + 2;
    answer += text.slice(from, text.indexOf('\r\n', from) + 2);
  }
  socket.send(Buffer.from(`${answer}Content-Length: 0\r\n\r\n`, 'latin1'), source.port, source.address);
});
socket.bind(0, '127.0.0.1', () => process.send?.(socket.address().port));
process.on('disconnect', () => process.exit(0));
