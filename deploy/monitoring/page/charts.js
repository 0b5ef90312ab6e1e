import uPlot from '/uplot.js';
import { formatValue } from './units.js';

/** Colours that stay apart, for people who see fewer of them as well (after Okabe and Ito). */
const colours = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#8f7700',
  '#56b4e9',
  '#6b4c9a',
  '#e69f00',
  '#444c56',
  '#a05195',
];
const axisColour = '#5b6675';
const gridColour = '#e8ebef';
const font = '11px system-ui, "Liberation Sans", sans-serif';

export function colourOf(index) {
  return colours[index % colours.length];
}

/** Draws lines, or one area on top of the other. `series` is [{name, row}]. */
export function drawLines(element, { kind, unit, times, series }) {
  const stacked = kind === 'stack';
  const drawn = stacked ? stack(series) : series;
  const options = {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true }, y: { range: (_, low, high) => yRange(low, high) } },
    axes: [
      axis({ space: 80, values: (_, instants) => instants.map(formatTime) }),
      axis({ size: 66, values: (_, ticks) => ticks.map((tick) => formatValue(tick, unit)) }),
    ],
    series: [
      {},
      ...drawn.map(({ name }, index) => ({
        label: name,
        stroke: colourOf(index),
        width: 1.5,
        spanGaps: true,
        points: { show: false },
        ...(stacked ? { fill: `${colourOf(index)}55` } : {}),
      })),
    ],
    ...(stacked ? { bands: drawn.slice(1).map((_, index) => ({ series: [index + 2, index + 1] })) } : {}),
  };
  new uPlot(options, [times, ...drawn.map(({ row }) => row)], element);
}

/** Each on top of those before it. */
function stack(series) {
  const sums = [];
  return series.map(({ name, row }) => ({
    name,
    row: row.map((value, at) => {
      if (value === null && sums[at] === undefined) return null;
      sums[at] = (sums[at] ?? 0) + (value ?? 0);
      return sums[at];
    }),
  }));
}

function yRange(low, high) {
  const top = high === null || high <= 0 ? 1 : high * 1.08;
  return [Math.min(0, low ?? 0), top];
}

function axis(more = {}) {
  return {
    stroke: axisColour,
    font,
    grid: { stroke: gridColour, width: 1 },
    ticks: { show: false },
    ...more,
  };
}

/**
 * Draws how many fell between two bounds, by time: darker is more. `buckets` are [{bound, row}] in rising order, each
 * without those of the buckets below it.
 */
export function drawHeatmap(element, { unit, times, buckets }) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = element;
  const canvas = document.createElement('canvas');
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  element.append(canvas);
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  const area = { left: 66, right: width - 8, top: 4, bottom: height - 22 };
  const cellWidth = (area.right - area.left) / times.length;
  const cellHeight = (area.bottom - area.top) / buckets.length;
  const most = Math.max(...buckets.flatMap(({ row }) => row.map((value) => value ?? 0)));
  buckets.forEach(({ row }, bucket) => {
    const y = area.bottom - (bucket + 1) * cellHeight;
    row.forEach((value, at) => {
      if (value === null || value <= 0) return;
      // The square root shows the few among the many.
      context.fillStyle = `rgb(0 90 160 / ${0.12 + 0.88 * Math.sqrt(value / most)})`;
      context.fillRect(area.left + at * cellWidth, y, cellWidth + 0.5, cellHeight - 1);
    });
  });
  context.font = font;
  context.fillStyle = axisColour;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const every = Math.ceil((buckets.length * 13) / (area.bottom - area.top));
  buckets.forEach(({ bound }, bucket) => {
    if (bucket % every !== 0) return;
    const text = bound === Number.POSITIVE_INFINITY ? 'more' : `≤ ${formatValue(bound, unit)}`;
    context.fillText(text, area.left - 6, area.bottom - (bucket + 0.5) * cellHeight);
  });
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const part of [0.1, 0.5, 0.9]) {
    const at = times[Math.floor(part * (times.length - 1))];
    context.fillText(formatTime(at), area.left + part * (area.right - area.left), area.bottom + 6);
  }
}

/** The time of day on this machine's clock; `at` in seconds since 1970. */
function formatTime(at) {
  return new Date(at * 1000).toTimeString().slice(0, 8);
}
