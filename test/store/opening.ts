// Opens the store in a folder and closes it: a process of its own for a test that kills it meanwhile.
import { SqliteStore } from '../../src/store/sqlite/store.js';

const store = await SqliteStore.open(process.argv[2] ?? '');
await store.close();
