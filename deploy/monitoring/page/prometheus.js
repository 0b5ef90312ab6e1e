/** Steps of a range: as many points as a panel is wide enough for. */
const points = 120;

/** Where a range begins and ends, in seconds since 1970, and its step. */
export function rangeUntilNow(seconds) {
  const end = Math.floor(Date.now() / 1000);
  return { start: end - seconds, end, step: Math.max(1, Math.round(seconds / points)) };
}

/** Asks Prometheus, through the server of this page, for a query over a range. */
export async function askRange(query, range) {
  const { result } = await ask('/api/v1/query_range', { query, ...range });
  return result.map(({ metric, values }) => ({ labels: metric, values }));
}

/** Asks for a query now. */
export async function askNow(query) {
  const { result } = await ask('/api/v1/query', { query });
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

async function ask(path, parameters) {
  const response = await fetchAgain(`${path}?${new URLSearchParams(parameters)}`);
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer.data;
}

/** A browser that has much to do may drop a connection: that is no reason to show nothing. */
async function fetchAgain(url, attempts = 3) {
  try {
    return await fetch(url);
  } catch (error) {
    if (attempts <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return fetchAgain(url, attempts - 1);
  }
}

/** "{{job}} {{pod}}" with the labels of a series. */
export function nameSeries(legend, labels) {
  const name = legend.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '').trim();
  return name === '' ? 'value' : name;
}

/** The values of several series on the same instants; null where one has none. */
export function alignSeries(series, { start, end, step }) {
  const times = [];
  for (let at = start; at <= end; at += step) times.push(at);
  return {
    times,
    rows: series.map(({ values }) => {
      const known = new Map(values.map(([at, value]) => [Math.round(at), Number(value)]));
      return times.map((at) => {
        const value = known.get(at);
        return value === undefined || !Number.isFinite(value) ? null : value;
      });
    }),
  };
}
