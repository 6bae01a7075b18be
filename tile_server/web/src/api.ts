// Requests to our own server. Every address is relative to the page.

export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly address: string,
  ) {
    super(`${status} from ${address}`);
  }
}

export type Query = Record<string, string | number | undefined>;

export function address(path: string, query: Query = {}): string {
  const url = new URL(path, document.baseURI);
  url.hash = "";
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url.href;
}

export async function getJSON<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const url = address(path, query);
  const response = await fetch(url, { headers: { accept: "application/json, */*;q=0.1" }, signal });
  if (!response.ok) throw new HttpError(response.status, url);
  return (await response.json()) as T;
}
