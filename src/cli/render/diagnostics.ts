import { formatSize, type Survey, type SurveyedDiagnostic } from '../../engine/index.ts';
import { renderTable } from './table.ts';

interface TableOptions {
  readonly wide: boolean;
  readonly headers?: boolean | undefined;
}

/** What there is, whatever the Pod. */
export function renderCatalogue(
  entries: readonly {
    readonly name: string;
    readonly summary: string;
    readonly options?: string;
    readonly source?: string;
  }[],
  { wide, headers }: TableOptions,
): string {
  const heads = ['NAME', 'WHAT IT DOES', ...(wide ? ['OPTIONS AFTER --', 'FROM'] : [])];
  const rows = entries.map(({ name, summary, options = '-', source = 'pitstop' }) => [
    name,
    summary,
    ...(wide ? [options, source] : []),
  ]);
  return renderTable(heads, rows, { headers });
}

/** What works in which container; what does first. The container is named where there are several. */
export function renderSurvey(
  { containers, items }: Survey,
  { wide, headers }: TableOptions,
): string {
  const several = containers.length > 1;
  const heads = [
    ...(several ? ['CONTAINER'] : []),
    'NAME',
    'WORKS',
    'PAUSE',
    'SIZE',
    ...(wide ? ['MEMORY', 'WRITES TO', 'OPTIONS AFTER --'] : []),
    'DETAIL',
  ];
  const sorted = containers.flatMap((container) => {
    const here = items.filter((item) => item.container === container);
    return [...here.filter(({ works }) => works), ...here.filter(({ works }) => !works)];
  });
  const rows = sorted.map((item) => {
    const { container, name, estimate, options = '-' } = item;
    const { pauseMs, sizeBytes, memoryBytes, directory, freeBytes } = estimate ?? {};
    const free = freeBytes === undefined ? '' : ` (${formatSize(freeBytes)})`;
    return [
      ...(several ? [container] : []),
      name,
      worksIn(item),
      pauseMs === undefined ? '-' : `${(pauseMs / 1000).toFixed(1)} s`,
      sizeBytes === undefined ? '-' : formatSize(sizeBytes),
      ...(wide
        ? [
            memoryBytes === undefined ? '-' : formatSize(memoryBytes),
            directory === undefined ? '-' : `${directory}${free}`,
            options,
          ]
        : []),
      oneLine(detailOf(item, wide)),
    ];
  });
  return renderTable(heads, rows, { headers });
}

function worksIn({ works, mayWorkAside, interlocks }: SurveyedDiagnostic): string {
  if (works) return interlocks.length === 0 ? 'yes' : 'refused';
  return mayWorkAside ? 'aside' : 'no';
}

/** What refuses it goes first: it is what to do something about. */
function detailOf({ mayWorkAside, detail, interlocks }: SurveyedDiagnostic, wide: boolean): string {
  if (mayWorkAside) return `${detail}; through an ephemeral container it may`;
  if (interlocks.length === 0) return detail;
  const why = interlocks.map(({ name, message, hint }) =>
    wide && hint !== undefined ? `${name}: ${message} (${hint})` : `${name}: ${message}`,
  );
  return wide ? [...why, detail].join('; ') : why.join('; ');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
