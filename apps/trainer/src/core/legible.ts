/** No event and no database takes control characters or half a surrogate pair. */
export const legible = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f]+/g, ' ').toWellFormed();
