/** `local:web-3` -> web, 3, local; `pg` (Charmhub) -> pg. */
export function parseCharmUrl(url: string): {
  name: string;
  revision: number | undefined;
  origin: 'local' | 'charmhub';
} {
  const origin = url.startsWith('local:') ? 'local' : 'charmhub';
  const path = url.replace(/^(local|ch):/, '');
  const last = path.split('/').at(-1) ?? path;
  const match = /^(.*)-(\d+)$/.exec(last);
  return match === null
    ? { name: last, revision: undefined, origin }
    : { name: match[1] ?? last, revision: Number(match[2]), origin };
}
