// What the bundler makes of files that are no modules.
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module "*.css" {
  const text: string;
  export default text;
}
/** The worker, bundled, as source text. */
declare module "worker-source" {
  const text: string;
  export default text;
}
