// A TypeDoc plugin: each name of the public API is shown under the folder of lib/ that defines it.
import path from "node:path";
import { Comment, CommentTag, Converter } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const reflection of context.project.children ?? []) {
      const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
      if (!declaration) continue;
      const file = declaration.getSourceFile().fileName;
      const [folder] = path.relative(path.resolve("lib"), file).split(/[\\/.]/);
      const category = [new CommentTag("@category", [{ kind: "text", text: folder }])];
      const comments = [reflection.comment, ...(reflection.signatures ?? []).map(({ comment }) => comment)];
      const described = comments.filter((comment) => comment !== undefined);
      if (described.length === 0) reflection.comment = new Comment([], category);
      for (const comment of described) comment.blockTags.push(...category);
    }
  });
}
