/** Loads a workspace package from source, in plain Node. Returns its namespace. */
export declare function importFromSource(specifier: string): Promise<unknown>;
