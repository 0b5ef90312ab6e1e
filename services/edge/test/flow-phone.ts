import { expect } from 'vitest';
import { credentials, type Rig, register } from './edge-rig.ts';

/** A phone that has registered at an edge with `Supported: path`, and what the edge said of the way to it. */
export async function openFlowPhone(edge: Rig, transport: 'udp' | 'tcp') {
  const agent = edge.agent(transport);
  const contact = await agent.contactFor('alice');
  const headers = [credentials, `Contact: ${contact}`, 'Supported: path'];
  expect((await agent.request({ ...register, headers })).status).toBe(200);
  const path = edge.registers.at(-1)?.edgePath ?? '';
  return { agent, uri: contact.slice(1, -1), path };
}
