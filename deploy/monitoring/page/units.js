/** Per second of what; Grafana's names of units. */
const perSecond = { reqps: 'req/s', ops: 'ops/s', pps: 'p/s', cps: '/s' };
const sizes = ['', 'k', 'M', 'G'];
const bytes = ['B', 'KiB', 'MiB', 'GiB'];

/** A value with its unit, short enough for an axis. */
export function formatValue(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  switch (unit) {
    case 'percentunit':
      // 99.99 % is not 100 % where an objective is between them.
      return `${Number((value * 100).toFixed(value > 0.99 && value < 1 ? 3 : 2))} %`;
    case 's':
      return formatSeconds(value);
    case 'bytes':
      return scaled(value, 1024, bytes);
    case 'Bps':
      return `${scaled(value, 1024, bytes)}/s`;
    default:
      if (unit === 'short' && Number.isInteger(value) && Math.abs(value) < 1e5)
        return value.toLocaleString('en');
      return `${scaled(value, 1000, sizes)}${unit in perSecond ? ` ${perSecond[unit]}` : ''}`.trim();
  }
}

function formatSeconds(value) {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 0.001) return `${round(value * 1e6)} µs`;
  if (size < 1) return `${round(value * 1000)} ms`;
  return size < 120 ? `${round(value)} s` : `${round(value / 60)} min`;
}

function scaled(value, base, names) {
  let rest = value;
  let step = 0;
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${round(rest)} ${names[step]}`.trim();
}

function round(value) {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}
