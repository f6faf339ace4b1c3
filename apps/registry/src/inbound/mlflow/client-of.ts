/** Who promoted, as far as an unauthenticated client tells: its user agent. */
export const clientOf = (userAgent: string | undefined): string => (userAgent ?? 'MLflow API').slice(0, 200);
