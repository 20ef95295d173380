export const hello = (name: string) => `hello ${name}`;
