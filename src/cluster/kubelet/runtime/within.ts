/** Whether a path is a directory's or lies below it; both absolute, without `..`. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}
