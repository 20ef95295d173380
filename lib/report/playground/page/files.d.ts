// What the bundler makes of files that are no modules.
declare module "*.wasm" {
  /** A data URL. */
  const address: string;
  export default address;
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
