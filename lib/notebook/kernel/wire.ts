// Jupyter's wire protocol: a message is a list of frames with a signature.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
import { createHmac, randomBytes } from "node:crypto";

const delimiter = "<IDS|MSG>";

/** A message that was received. */
export interface Message {
  /** Where replies go to. */
  readonly identities: readonly Buffer[];
  readonly header: { readonly msg_type: string; readonly session: string; readonly username: string };
  readonly metadata: { readonly cellId?: string };
  readonly content: Readonly<Record<string, unknown>>;
}

/** @returns undefined if the frames are not a message, or not signed with the key */
export function parseMessage(frames: readonly Buffer[], key: string): Message | undefined {
  const at = frames.findIndex((frame) => frame.toString() === delimiter);
  if (at < 0 || frames.length < at + 6) return undefined;
  if (frames[at + 1].toString() !== signature(frames.slice(at + 2), key)) return undefined;
  try {
    const [header, , metadata, content] = frames.slice(at + 2, at + 6).map((frame) => JSON.parse(frame.toString()));
    return { identities: frames.slice(0, at), header, metadata, content };
  } catch {
    return undefined;
  }
}

/** The frames of a reply to `parent`, or of a message that belongs to it. */
export function composeMessage(parent: Message, type: string, content: object, key: string): (Buffer | string)[] {
  const header = {
    version: "5.3",
    date: new Date().toISOString(),
    session: parent.header.session,
    username: parent.header.username,
    msg_type: type,
    msg_id: randomBytes(16).toString("hex"),
  };
  const parts = [header, parent.header, {}, content].map((part) => JSON.stringify(part));
  return [...parent.identities, delimiter, signature(parts, key), ...parts];
}

/** An empty key means that messages are not signed. */
function signature(parts: readonly (Buffer | string)[], key: string): string {
  if (key === "") return "";
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
