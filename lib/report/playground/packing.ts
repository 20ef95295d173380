// How the playground's weights and pixels travel in a notebook: deflated, in base64. Both ends use this module.
import { unzlibSync, zlibSync } from "fflate";

/** Bytes as text. */
export const pack = (bytes: Uint8Array): string => toBase64(zlibSync(bytes, { level: 9 }));

/** The bytes that `pack` got. */
export const unpack = (text: string): Uint8Array =>
  unzlibSync(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));

/**
 * Numbers as text, exactly. The first bytes of all numbers come first, then the second ones, and so on (a byte shuffle, as
 * HDF5 has it): exponents resemble each other, so that a model's weights take 15 % less than as they are. Fewer bits would
 * take less, but then the page's results would not be those of Node.
 */
export function packFloats(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return pack(bytes.map((_, i) => bytes[4 * (i % values.length) + Math.floor(i / values.length)]));
}

/** The numbers that `packFloats` got. */
export function unpackFloats(text: string): Float32Array<ArrayBuffer> {
  const shuffled = unpack(text);
  const values = new Float32Array(shuffled.length / 4);
  const bytes = new Uint8Array(values.buffer);
  for (const [i, byte] of shuffled.entries()) bytes[4 * (i % values.length) + Math.floor(i / values.length)] = byte;
  return values;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
