// The names of the classical filters: the page lists them, the worker has the filters.
export const filterNames = ["median filter", "total variation"] as const;
