// How the playground's weights and pixels travel in a notebook: deflated, in base64. Both ends use this module.
import { zlibSync } from "fflate";

/** Bytes as text. */
export const pack = (bytes: Uint8Array): string => toBase64(zlibSync(bytes, { level: 9 }));

/** The bytes that `pack` got. */
export async function unpack(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")); // the browser's own: fast
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/**
 * Numbers as text, exactly. The first bytes of all numbers come first, then the second ones, and so on (a byte shuffle, as
 * HDF5 has it): exponents resemble each other, so that a model's weights take 15 % less than as they are. Fewer bits would
 * take less, but then the page's results would not be those of Node.
 */
export const packFloats = (values: Float32Array): string =>
  pack(transposed(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 4));

/** The numbers that `packFloats` got. */
export async function unpackFloats(text: string): Promise<Float32Array<ArrayBuffer>> {
  const shuffled = await unpack(text);
  return new Float32Array(transposed(shuffled, shuffled.length / 4).buffer);
}

/** The transpose of a matrix with so many columns. */
function transposed(bytes: Uint8Array, columns: number): Uint8Array<ArrayBuffer> {
  const rows = bytes.length / columns;
  const result = new Uint8Array(bytes.length);
  for (let row = 0, from = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, from++) result[column * rows + row] = bytes[from];
  return result;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
