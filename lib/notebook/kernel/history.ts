// The cells that were run, for a front end that asks for earlier inputs (the arrow keys in a console).

/** A request for history, with the fields that belong to its kind. */
interface HistoryRequest {
  readonly hist_access_type?: "tail" | "range" | "search";
  readonly output?: boolean;
  /** tail and search: how many of the latest. */
  readonly n?: number;
  /** range: the first number, and the one after the last. */
  readonly start?: number;
  readonly stop?: number | null;
  /** search: a text with `*` and `?`. */
  readonly pattern?: string;
  readonly unique?: boolean;
}

/** Session (always this one, 0), the cell's number, and its source; with an output, which is not kept, if asked for. */
type Entry = [session: 0, number: number, source: string | [source: string, output: null]];

export function createHistory(): {
  /** @returns the cell's number */
  add(source: string): number;
  /** How many cells have begun. */
  count(): number;
  find(request: HistoryRequest): Entry[];
} {
  const sources: string[] = [];
  return {
    add: (source) => sources.push(source),
    count: () => sources.length,
    find(request) {
      const all = sources.map((source, i) => ({ number: i + 1, source }));
      return select(all, request).map(({ number, source }) => [0, number, request.output ? [source, null] : source]);
    },
  };
}

interface Input {
  readonly number: number;
  readonly source: string;
}

function select(
  all: readonly Input[],
  { hist_access_type: kind, n, start = 1, stop, pattern, unique }: HistoryRequest,
) {
  if (kind === "range") return all.filter(({ number }) => number >= start && number < (stop ?? Infinity));
  const matching = kind === "search" ? all.filter(({ source }) => toRegExp(pattern ?? "*").test(source)) : all;
  const found = unique
    ? matching.filter(({ source }, i) => !matching.slice(i + 1).some((later) => later.source === source))
    : matching;
  return n === undefined || n === null ? found : n > 0 ? found.slice(-n) : [];
}

const toRegExp = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
    "s",
  );
