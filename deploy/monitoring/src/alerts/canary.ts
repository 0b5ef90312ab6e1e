import { installation, type RuleGroup } from '../rule.ts';

const success = (check: string, transport = 'udp') =>
  `rollcall_probe_success{namespace="voice",pod="canary-0",check="${check}",transport="${transport}"}`;
const rounds = (outcome: string) =>
  `rollcall_probe_rounds_total{namespace="voice",pod="canary-0",transport="udp",outcome="${outcome}"}`;

/** What `rollcall probe --loop` sees: the system as a phone does. Without a canary these stay silent. */
export const canaryAlerts: RuleGroup = {
  name: 'rollcall-canary',
  alerts: [
    {
      name: 'SipCanaryRegisterFailing',
      severity: 'critical',
      expr: `max by (${installation}) (rollcall_probe_success{check="register"}) == 0`,
      for: '3m',
      summary: 'Rollcall {{ $labels.namespace }}: the canary cannot register',
      description:
        'For 3 minutes no registration of the canary has gone well, over any transport: phones are not served either.',
      fires: {
        series: { [success('register')]: '1x5 0x20', [success('register', 'tcp')]: '0x25' },
        at: '12m',
      },
      silent: { series: { [success('register')]: '1x25', [success('register', 'tcp')]: '0x25' }, at: '12m' },
    },
    {
      name: 'SipCanaryStepFailing',
      severity: 'warning',
      expr: `max by (${installation}, transport, check) (rollcall_probe_success) == 0`,
      for: '5m',
      summary:
        'Rollcall {{ $labels.namespace }}: the canary fails to {{ $labels.check }} over {{ $labels.transport }}',
      description:
        'For 5 minutes this step of the canary has not gone well over this transport. Its log says what was answered.',
      fires: { series: { [success('register')]: '1x25', [success('lookup')]: '1x5 0x20' }, at: '14m' },
      silent: { series: { [success('register')]: '1x25', [success('lookup')]: '1x5 0x3 1x20' }, at: '14m' },
    },
    {
      name: 'SipCanaryFlapping',
      severity: 'warning',
      expr: [
        `sum by (${installation}, transport) (increase(rollcall_probe_rounds_total{outcome="bad"}[1h]))`,
        `/ sum by (${installation}, transport) (increase(rollcall_probe_rounds_total[1h])) > 0.02`,
      ].join('\n'),
      for: '15m',
      summary: 'Rollcall {{ $labels.namespace }}: rounds of the canary fail over {{ $labels.transport }}',
      description:
        '{{ $value | humanizePercentage }} of the rounds of an hour went wrong; one in a thousand is allowed.',
      fires: { series: { [rounds('good')]: '0+3x120', [rounds('bad')]: '0+1x120' }, at: '100m' },
      silent: { series: { [rounds('good')]: '0+4x120', [rounds('bad')]: '0x120' }, at: '100m' },
    },
    {
      name: 'SipCanarySilent',
      severity: 'warning',
      expr: `sum by (${installation}) (increase(rollcall_probe_rounds_total[10m])) == 0`,
      for: '5m',
      summary: 'Rollcall {{ $labels.namespace }}: the canary does nothing',
      description:
        'It is scraped, but has ended no round within 10 minutes: nobody watches as a phone would.',
      fires: { series: { [rounds('good')]: '0+1x10 10x30' }, at: '32m' },
      silent: { series: { [rounds('good')]: '0+1x40' }, at: '32m' },
    },
  ],
};
