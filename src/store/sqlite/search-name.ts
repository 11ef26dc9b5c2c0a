/** The name of the index of what was said (search.ts), in the data folder. */
export const indexName = 'salond.search';
