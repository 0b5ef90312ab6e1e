import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './edge-rig.ts';
import { openFlowPhone } from './flow-phone.ts';
import { answer, nextRequest, nextResponse } from './phone-messages.ts';

describe('another edge', () => {
  let rig: Rig;
  let other: Rig;
  beforeEach(async () => {
    rig = new Rig();
    await rig.start();
    other = new Rig();
    other.edgeName = 'edge-2';
    await other.start();
  });
  afterEach(async () => {
    await other.stop();
    await rig.stop();
  });

  it('OB8: a token leads to the edge that holds the flow, and the dialog through both', async () => {
    const phone = await openFlowPhone(other, 'tcp');
    const caller = rig.agent('udp');
    const callId = 'two-edges@test';
    const answered = caller.request({
      method: 'INVITE',
      uri: phone.uri,
      callId,
      headers: [`Route: ${phone.path}`],
    });
    const invite = await nextRequest(phone.agent);
    expect(invite.vias).toHaveLength(3);
    expect(invite.recordRoute).toHaveLength(4);
    expect(invite.maxForwards).toBe(68);
    await answer(
      phone.agent,
      invite,
      200,
      invite.recordRoute.map((value) => `Record-Route: ${value}\r\n`).join(''),
    );
    const ok = await answered;
    expect(ok.status).toBe(200);
    const route = (values: readonly string[]) => [`Route: ${values.join(', ')}`];
    const tagged = (text: string, to: string | undefined) => text.replace(/\r\nTo: [^\r]*/, `\r\nTo: ${to}`);
    const ack = {
      method: 'ACK',
      uri: phone.uri,
      callId,
      cseq: invite.cseq.sequence,
      headers: route([...ok.recordRoute].reverse()),
    };
    await caller.sendText(tagged(await caller.format(ack), ok.row('to')));
    expect((await nextRequest(phone.agent)).method).toBe('ACK');
    const bye = { method: 'BYE', uri: 'sip:caller@192.0.2.1', callId, headers: route(invite.recordRoute) };
    await phone.agent.sendText(tagged(await phone.agent.format(bye), invite.row('from')));
    const ended = await nextRequest(caller);
    expect([ended.method, ended.route]).toEqual(['BYE', []]);
    await answer(caller, ended, 200);
    expect((await nextResponse(phone.agent)).status).toBe(200);
  });

  it('OB8: whoever has the address of an edge that is gone says 430', async () => {
    const phone = await openFlowPhone(other, 'tcp');
    const { ports } = other;
    await other.stop();
    other = new Rig();
    other.edgeName = 'edge-3';
    other.ports = ports;
    await other.start();
    const caller = rig.agent('udp');
    const headers = [`Route: ${phone.path}`];
    expect((await caller.request({ method: 'MESSAGE', uri: phone.uri, headers })).status).toBe(430);
  });
});
