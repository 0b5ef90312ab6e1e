import { colourOf, drawHeatmap, drawLines } from './charts.js';
import { alignSeries, askNow, askRange, nameSeries, rangeUntilNow } from './prometheus.js';
import { formatValue } from './units.js';

/** More than that cannot be told apart in one panel. */
const mostSeries = 10;
const refreshMs = 15_000;

const parameters = new URLSearchParams(location.search);
const dashboards = await (await fetch('/dashboards.json')).json();
const shown = dashboards.find(({ uid }) => uid === parameters.get('dashboard')) ?? dashboards[0];
const rangeChoice = byId('range');
const seconds = parameters.get('seconds') ?? '900';
if (![...rangeChoice.options].some(({ value }) => value === seconds))
  rangeChoice.append(new Option(`${Number(seconds)} s`, seconds));
rangeChoice.value = seconds;
rangeChoice.addEventListener('change', () => {
  parameters.set('seconds', rangeChoice.value);
  location.search = String(parameters);
});

byId('title').textContent = document.title = shown.title;
byId('description').textContent = shown.description;
byId('dashboards').replaceChildren(
  ...dashboards.map(({ uid, title }) => {
    const link = make('a', { textContent: title });
    link.href = `?${new URLSearchParams({ dashboard: uid, seconds: rangeChoice.value })}`;
    return link;
  }),
);
const bodies = layOut(shown.rows);
await refresh();
if (parameters.get('still') === null) setInterval(refresh, refreshMs);

async function refresh() {
  const range = rangeUntilNow(Number(rangeChoice.value));
  const problems = (await Promise.all(bodies.map((body) => show(body, range)))).filter(Boolean);
  byId('state').textContent =
    problems.length === 0 ? `as of ${new Date().toTimeString().slice(0, 8)}` : problems[0];
}

function layOut(rows) {
  return rows.flatMap(({ title, panels }) => {
    const row = make('div', { className: 'row' });
    byId('rows').append(make('h2', { textContent: title }), row);
    return panels.map((panel) => {
      const card = make('section', {
        className: panel.kind === 'stat' ? 'panel small' : 'panel',
        title: panel.description,
      });
      card.style.gridColumn = `span ${panel.width}`;
      const body = make('div', { className: 'plot' });
      const legend = make('div', { className: 'legend' });
      card.append(make('h3', { textContent: panel.title }), body, legend);
      row.append(card);
      return { panel, body, legend };
    });
  });
}

/** Draws one panel anew; gives what went wrong, in words. */
async function show({ panel, body, legend }, range) {
  try {
    const draw = { stat: showStat, table: showTable, heatmap: showHeatmap }[panel.kind] ?? showLines;
    await draw(panel, body, legend, range);
    return undefined;
  } catch (error) {
    body.replaceChildren(make('div', { className: 'none', textContent: String(error.message) }));
    return `${panel.title}: ${error.message}`;
  }
}

async function showLines(panel, body, legend, range) {
  const found = await Promise.all(
    panel.queries.map(async ({ legend: text, expr }) =>
      (await askRange(expr, range)).map((series) => ({ ...series, name: nameSeries(text, series.labels) })),
    ),
  );
  const { times, rows } = alignSeries(found.flat(), range);
  const series = found
    .flat()
    .map(({ name }, index) => ({ name, row: rows[index], last: lastOf(rows[index]) }))
    .sort((a, b) => (b.last ?? 0) - (a.last ?? 0));
  const most = series.slice(0, mostSeries);
  body.replaceChildren();
  legend.replaceChildren(
    ...most.map(({ name, last }, index) => legendEntry(name, formatValue(last, panel.unit), colourOf(index))),
    ...(series.length > most.length
      ? [make('span', { textContent: `and ${series.length - most.length} more` })]
      : []),
  );
  if (most.length === 0) body.append(nothing());
  else drawLines(body, { kind: panel.kind, unit: panel.unit, times, series: most });
}

async function showHeatmap(panel, body, legend, range) {
  const [query] = panel.queries;
  const found = (await askRange(query.expr, range))
    .map((series) => ({ ...series, bound: Number(series.labels.le.replace('+Inf', 'Infinity')) }))
    .sort((a, b) => a.bound - b.bound);
  const { times, rows } = alignSeries(found, range);
  // Prometheus counts what is at most a bound; a cell is what is between two of them.
  const cells = found.map(({ bound }, index) => ({
    bound,
    row: rows[index].map((value, at) => (value === null ? null : value - (rows[index - 1]?.[at] ?? 0))),
  }));
  const used = cells.map(({ row }) => row.some((value) => value !== null && value > 1e-9));
  const buckets = cells.slice(Math.max(0, used.indexOf(true) - 1), used.lastIndexOf(true) + 2);
  body.replaceChildren();
  legend.replaceChildren(make('span', { textContent: 'darker: more of them' }));
  if (buckets.length === 0 || !used.includes(true)) body.append(nothing());
  else drawHeatmap(body, { unit: panel.unit, times, buckets });
}

async function showStat(panel, body) {
  const [query] = panel.queries;
  const [result] = await askNow(query.expr);
  const stat = make('div', { className: 'stat', textContent: formatValue(result?.value, panel.unit) });
  stat.style.color = `var(--${stateOf(result?.value, panel.limits)})`;
  body.style.display = 'flex';
  body.replaceChildren(stat);
}

async function showTable(panel, body) {
  const [query] = panel.queries;
  const results = await askNow(query.expr);
  const names = [...new Set(results.flatMap(({ labels }) => Object.keys(labels)))];
  const table = make('table', {});
  table.append(tableRow('th', [...names, 'number']));
  for (const { labels, value } of results)
    table.append(
      tableRow('td', [...names.map((name) => labels[name] ?? ''), formatValue(value, panel.unit)]),
    );
  body.replaceChildren(results.length === 0 ? nothing() : table);
}

/** For a stat: from which values on it is yellow and red; a falling pair means that less is worse. */
function stateOf(value, limits) {
  if (limits === undefined || value === undefined) return 'ink';
  const [first, second] = limits;
  const beyond = (limit) => (second >= first ? value >= limit : value < limit);
  if (beyond(second)) return 'bad';
  return beyond(first) ? 'warn' : 'good';
}

function lastOf(row) {
  return row.findLast((value) => value !== null);
}

function legendEntry(name, value, colour) {
  const entry = make('span', {});
  const swatch = make('i', {});
  swatch.style.background = colour;
  entry.append(swatch, `${name} `, make('b', { textContent: value }));
  return entry;
}

function tableRow(cell, texts) {
  const row = make('tr', {});
  row.append(...texts.map((textContent) => make(cell, { textContent })));
  return row;
}

function nothing() {
  return make('div', { className: 'none', textContent: 'nothing to show' });
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function byId(id) {
  return document.getElementById(id);
}
