import { anyText, hostPort, type ListenAddress, textAs, wholeNumber } from '@rollcall/runtime';

/** Variables of the copies of SIP messages that go to a capture server. */
export const hepVariables = {
  hepTarget: {
    name: 'EDGE_HEP_TARGET',
    default: '',
    defaultMeaning: 'no copies',
    meaning:
      'A capture server such as Homer that gets a copy of each SIP message by HEP3 over UDP, as host:port; credentials are masked in it. Empty for none.',
    schema: textAs('empty, or host:port, for example homer:9060', readTarget),
  },
  hepCaptureId: {
    name: 'EDGE_HEP_CAPTURE_ID',
    default: '2001',
    meaning: 'The number by which the capture server tells capturing nodes apart.',
    schema: wholeNumber(0, 0xffff_ffff),
  },
  hepPassword: {
    name: 'EDGE_HEP_PASSWORD',
    default: '',
    meaning:
      'The key that the capture server wants in each packet; empty for none. It travels in clear text.',
    schema: anyText,
    secret: true,
  },
} as const;

function readTarget(text: string): ListenAddress | '' | undefined {
  if (text === '') return '';
  const read = hostPort.safeParse(text);
  return read.success && read.data.port > 0 ? read.data : undefined;
}
