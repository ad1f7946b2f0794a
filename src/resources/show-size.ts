const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes for a person: `28 B`, `12.5 MiB`. */
export function showSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}
